import AWSProtocols
import AgentProtocol
import ByteCoding
import Crypto
import Testing
import TimeSource

@testable import AgentGateway

/// Keys are replaced, and no request counts twice.
@Suite struct NodeKeyTests {
    /// An agent with another key, and the request that announces it.
    private func announcement(
        _ agent: AgentDouble, key: Curve25519.Signing.PrivateKey = .init()
    ) throws -> (request: GatewayRequest, next: AgentDouble) {
        var next = agent
        next.key = key
        let text = Base64.text(Array(next.key.publicKey.rawRepresentation))
        let proof = try next.key.signature(for: KeyRequest.proofText(instance: agent.instance, publicKey: text))
        let body = KeyRequest(publicKey: text, proof: Base64.text(Array(proof))).bytes
        return (try agent.request("POST", AgentRoute.key, body: body), next)
    }

    private func greetingRefusal(_ agent: AgentDouble) async throws -> Refusal.Code? {
        try await agent.refusal(agent.request("POST", AgentRoute.session, body: agent.greeting().bytes))
    }

    @Test("both keys are valid until the new one is used, and only that one is from then on, also after a restart")
    func rotation() async throws {
        let room = try await ServerRoom()
        let agent = try await room.enrolledAgent()
        let (request, next) = try announcement(agent)
        #expect(try await agent.refusal(request) == nil)
        #expect(try await greetingRefusal(agent) == nil)
        // The answer was lost: the same is asked again.
        #expect(try await agent.refusal(announcement(agent, key: next.key).request) == nil)
        let later = try await room.restarted()
        var (old, new) = (agent, next)
        (old.room, new.room) = (later, later)
        #expect(try await greetingRefusal(old) == nil)
        #expect(try await greetingRefusal(new) == nil)
        #expect(try await greetingRefusal(old) == .invalidSignature)
        let latest = try await later.restarted()
        (old.room, new.room) = (latest, latest)
        #expect(try await greetingRefusal(old) == .invalidSignature)
        #expect(try await greetingRefusal(new) == nil)
        // Announced once more by itself, as by an agent whose answer was lost a second time: nothing changes.
        #expect(try await new.refusal(announcement(new, key: new.key).request) == nil)
        #expect(try await greetingRefusal(new) == nil)
        await latest.remove()
    }

    @Test("another announcement takes the place of the first, whose key is then worth nothing")
    func replaced() async throws {
        let room = try await ServerRoom()
        let agent = try await room.enrolledAgent()
        let (first, forgotten) = try announcement(agent)
        let (second, next) = try announcement(agent)
        #expect(try await agent.refusal(first) == nil)
        #expect(try await agent.refusal(second) == nil)
        #expect(try await greetingRefusal(forgotten) == .invalidSignature)
        #expect(try await greetingRefusal(next) == nil)
        await room.remove()
    }

    @Test("a key without a proof by it, or with a proof for another node, is not taken; neither is one by a stranger or a node that was deregistered")
    func refused() async throws {
        let room = try await ServerRoom()
        let agent = try await room.enrolledAgent()
        let text = Base64.text(Array(Curve25519.Signing.PrivateKey().publicKey.rawRepresentation))
        let unproved = KeyRequest(publicKey: text, proof: Base64.text([UInt8](repeating: 0, count: 64)))
        #expect(try await agent.refusal(agent.request("POST", AgentRoute.key, body: unproved.bytes)) == .invalidRequest)
        var elsewhere = agent
        elsewhere.instance = "mi-00000000000000000"
        var body = try announcement(elsewhere).request
        body = try agent.request("POST", AgentRoute.key, body: try await body.body(10_000))
        #expect(try await agent.refusal(body) == .invalidRequest)
        let (request, next) = try announcement(agent)
        var stranger = agent
        stranger.key = .init()
        #expect(try await stranger.refusal(stranger.request("POST", AgentRoute.key, body: try await request.body(10_000))) == .invalidSignature)
        #expect(try await greetingRefusal(next) == .invalidSignature)
        #expect(try await agent.refusal(request) == nil)
        _ = try await room.call("DeregisterManagedInstance", ["InstanceId": .string(agent.instance)])
        #expect(try await greetingRefusal(next) == .deregistered)
        await room.remove()
    }

    @Test("a captured request is refused a second time, also by a server that has restarted since")
    func replays() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        let captured = try agent.request("POST", AgentRoute.session, body: agent.greeting().bytes)
        #expect(try await agent.refusal(captured) == nil)
        #expect(try await agent.refusal(captured) == .invalidSignature)
        room.clock.advance(by: .seconds(1))
        let later = try await room.restarted()
        agent.room = later
        #expect(try await agent.refusal(captured) == .clockSkew)
        try await agent.greet()
        // Signed ahead of time, to be of use after the next restart.
        let early = try agent.request(
            "POST", AgentRoute.session, body: agent.greeting().bytes, at: later.clock.now.milliseconds + 60_000)
        #expect(try await agent.refusal(early) == .clockSkew)
        await later.remove()
    }

    @Test("a node takes part in its own commands only")
    func othersCommands() async throws {
        let room = try await ServerRoom()
        var (owner, other) = (try await room.enrolledAgent(), try await room.enrolledAgent())
        try await owner.greet()
        try await other.greet()
        let command = try await room.send("echo secret", to: [owner.instance])
        let attempt = try AgentDouble.attempt(command)
        #expect(try await other.offers().isEmpty)
        // It is told what it would be told of a command that does not exist.
        for message in [AgentMessage.claim(attempt), .goRequest(attempt), .started(attempt, startedAtMilliseconds: 1), other.exit(attempt, 0)] {
            #expect(try await other.report(message) == [.closed(attempt)])
        }
        #expect(try await other.report(.output(other.chunk(attempt, .stdout, 0, "forged"))) == [.closed(attempt)])
        #expect(try await room.status(command, owner.instance) == "Pending")
        #expect(try await owner.offers().map(\.attempt) == [attempt])
        try await owner.run(command, output: "own")
        #expect(try await room.status(command, owner.instance) == "Success")
        await room.remove()
    }
}
