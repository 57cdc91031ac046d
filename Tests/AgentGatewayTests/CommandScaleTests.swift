import AWSProtocols
import AgentProtocol
import Engine
import Store
import TestSupport
import Testing
import TimeSource

@testable import AgentGateway

/// Commands to many nodes: limits are exact whatever happens side by side.
@Suite struct CommandScaleTests {
    private static let steps = [PluginStep(name: "aws:runShellScript", commands: ["x"])]

    /// Sends a command to nodes that need not exist: who they are is decided before.
    private func send(_ room: ServerRoom, to count: Int, concurrency: Int, errors: Int) async throws -> CommandRecord {
        try await room.coordinator.send(
            CommandOrder(
                account: ServerRoom.account, identity: .generated, documentName: "AWS-RunShellScript", documentVersion: "1",
                steps: Self.steps, request: Array("{}".utf8), nodes: (0..<count).map { "mi-\($0 + 100_000)" },
                deliveryTimeout: .seconds(60), concurrencyLimit: concurrency, errorLimit: errors)
        ).record
    }

    private func progress(_ room: ServerRoom, _ command: CommandRecord) async throws -> CommandProgress {
        try #require(try await room.database.read { try CommandStore.find(number: command.number, in: $0)?.progress })
    }

    private func released(_ room: ServerRoom, _ command: CommandRecord) async throws -> [String] {
        try await room.database.read { transaction in
            try InvocationStore.list(command: command.number, after: "", limit: 10_000, in: transaction)
                .filter { $0.isReleased && !$0.state.hasEnded }.map(\.key.node)
        }
    }

    /// Has nodes run the command side by side, the first ones with an error.
    private func run(_ room: ServerRoom, _ command: CommandRecord, on nodes: [String], failing: Int) async throws {
        let attempt = try AgentDouble.attempt(command.id)
        let now = room.clock.now.milliseconds
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, node) in nodes.enumerated() {
                let outcome = AttemptOutcome(
                    attempt: attempt, endedAtMilliseconds: now,
                    steps: [.init(exitCode: index < failing ? 1 : 0, startedAtMilliseconds: now, endedAtMilliseconds: now)])
                group.addTask {
                    _ = try await room.coordinator.take(Report(messages: [.claim(attempt)]), from: node, incarnation: 1)
                    _ = try await room.coordinator.take(
                        Report(messages: [.started(attempt, startedAtMilliseconds: now), .exit(outcome)]), from: node, incarnation: 1)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("on 1,000 nodes never more than MaxConcurrency have their turn, and each has it once")
    func concurrency() async throws {
        let room = try await ServerRoom()
        let command = try await send(room, to: 1_000, concurrency: 50, errors: 0)
        var rounds = 0
        while true {
            let turn = try await released(room, command)
            #expect(turn.count <= 50)
            if turn.isEmpty { break }
            try await run(room, command, on: turn, failing: 0)
            rounds += 1
        }
        #expect(rounds == 20)
        let progress = try await progress(room, command)
        #expect(progress.started == 1_000 && progress.completed == 1_000 && progress.active == 0)
        #expect(CommandStatus(command, progress).status == "Success")
        await room.remove()
    }

    @Test("with MaxErrors 10 the eleventh failure stops a command; those under way finish, the others are terminated")
    func errors() async throws {
        let room = try await ServerRoom()
        let command = try await send(room, to: 1_000, concurrency: 50, errors: 10)
        try await run(room, command, on: Array(released(room, command).prefix(20)), failing: 10)
        // Ten are not too many.
        var turn = try await released(room, command)
        #expect(turn.count == 50)
        try await run(room, command, on: [turn.removeFirst()], failing: 1)
        #expect(try await Set(released(room, command)) == Set(turn))
        try await run(room, command, on: turn, failing: 0)
        let progress = try await progress(room, command)
        #expect(progress.failed == 11)
        #expect(progress.started == 20 + 50)
        #expect(progress.cancelled == 1_000 - 70)
        #expect(progress.completed == 1_000)
        #expect(CommandStatus(command, progress).status == "Failed")
        await room.remove()
    }

    @Test("a command to 10,000 nodes is one commit; nobody there, all of it times out")
    func many() async throws {
        let room = try await ServerRoom()
        let command = try await send(room, to: 10_000, concurrency: 10_000, errors: 0)
        #expect(try await released(room, command).count == 10_000)
        try await room.coordinator.cancel(command, nodes: nil)
        let progress = try await progress(room, command)
        #expect(progress.cancelled == 10_000 && progress.active == 0)
        #expect(CommandStatus(command, progress).status == "Cancelled")
        await room.remove()
    }
}
