import Testing

@testable import AgentGateway

/// Whatever happens in whatever order: a command runs at most once on a node, what proves that nothing ran is true, every outcome is recorded
/// once, and everything comes to an end.
@Suite struct CommandModelTests {
    @Test("at most one go, one outcome, no second attempt", arguments: 1...24)
    func anything(seed: UInt64) async throws {
        var world = try await ModelWorld(seed: seed, nodes: 4)
        for _ in 0..<150 { try await world.step() }
        try await world.settle()
        await world.remove()
    }
}
