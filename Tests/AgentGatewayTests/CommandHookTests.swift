import AWSProtocols
import AgentProtocol
import Engine
import Store
import TestSupport
import Synchronization
import Testing
import TimeSource

@testable import AgentGateway

/// What others do with commands: announcements in the transaction of a change, the whole output, secrets in a go.
@Suite struct CommandHookTests {
    /// Announces every end, and remembers what it was offered.
    final class Announcer: CommandObserver {
        let offered = Mutex<[String]>([])

        func changes(
            of command: CommandRecord, on node: String, from old: InvocationState, to new: InvocationState
        ) -> CommandAnnouncements {
            var announcements = CommandAnnouncements()
            guard new.hasEnded else { return announcements }
            announcements.add(delivery("node-\(node)", command))
            announcements.add(delivery("command-\(command.id)-\(node)", command), when: .ended, of: command.number)
            return announcements
        }

        func cancelling(_ command: CommandRecord) -> CommandAnnouncements {
            var announcements = CommandAnnouncements()
            announcements.add(delivery("cancelling-\(command.id)", command))
            return announcements
        }

        func offer(_ deliveries: [DeliveryRecord]) {
            offered.withLock { $0 += deliveries.map(\.id) }
        }

        private func delivery(_ id: String, _ command: CommandRecord) -> DeliveryRecord {
            DeliveryRecord(id: id, account: command.account, kind: "test", createdAt: .epoch, body: [])
        }
    }

    /// Keeps output in memory, by offset, and fails when it is told to.
    final class Sink: CommandOutputSink {
        struct Full: Error {}
        let isFull = Mutex(false)
        let bytes = Mutex<[String: [UInt8]]>([:])

        func wants(_ command: CommandRecord) -> Bool { true }

        func stage(
            _ pieces: [OutputPiece], of stream: CommandOutputStore.StreamKey, command: CommandRecord, step: PluginStep
        ) async throws {
            guard !isFull.withLock({ $0 }) else { throw Full() }
            bytes.withLock { bytes in
                for piece in pieces {
                    var all = bytes[stream.stream] ?? []
                    all.replaceSubrange(Int(piece.offset)..<all.count, with: piece.bytes)
                    bytes[stream.stream] = all
                }
            }
        }
    }

    /// Knows a secret, until it does not.
    final class Vault: GoPreparer {
        enum Content { case secret(String), missing, unreachable }
        struct Unreachable: Error {}
        let content = Mutex(Content.secret("hunter2"))

        func prepare(
            _ steps: [PluginStep], for attempt: AttemptID, of command: CommandRecord, on node: String
        ) async throws -> [PluginStep] {
            let secret =
                switch content.withLock({ $0 }) {
                case .secret(let text): text
                case .missing: throw GoRefused(reason: "The parameter is not there.")
                case .unreachable: throw Unreachable()
                }
            return steps.map { step in
                var step = step
                step.commands = step.commands.map { $0 == "{{ssm-secure:p}}" ? secret : $0 }
                return step
            }
        }
    }

    @Test("announcements are written with the change they are about, those of the command with its last one")
    func observers() async throws {
        let announcer = Announcer()
        let room = try await ServerRoom(hooks: CommandHooks(observers: [announcer]))
        var agents: [AgentDouble] = []
        for _ in 0..<2 {
            var agent = try await room.enrolledAgent()
            try await agent.greet()
            agents.append(agent)
        }
        let command = try await room.send("x", to: agents.map(\.instance))
        func rows() async throws -> [String] {
            try await room.database.read { try $0.rows("SELECT id FROM delivery WHERE kind = 'test'").map { try $0.text(0) } }
        }
        try await agents[0].run(command)
        #expect(try await rows() == ["node-\(agents[0].instance)"])
        try await agents[1].run(command, exit: 1)
        #expect(
            try await Set(rows())
                == ["node-\(agents[0].instance)", "node-\(agents[1].instance)", "command-\(command)-\(agents[1].instance)"])
        _ = try await room.call("CancelCommand", ["CommandId": .string(command)])
        #expect(announcer.offered.withLock(\.last) == "cancelling-\(command)")
        await room.remove()
    }

    @Test("output is not acknowledged before the sink has it, and it gets each byte")
    func sink() async throws {
        let sink = Sink()
        let room = try await ServerRoom(hooks: CommandHooks(outputSink: sink))
        var agent = try await room.enrolledAgent()
        try await agent.greet()
        let command = try await room.send("x", to: [agent.instance])
        let attempt = try AgentDouble.attempt(command)
        _ = try await agent.report(.claim(attempt))
        sink.isFull.withLock { $0 = true }
        let chunk = AgentMessage.output(agent.chunk(attempt, .stdout, 0, "one\n"))
        #expect(
            try await agent.refusal(agent.request("POST", AgentRoute.report, session: agent.session, body: Report(messages: [chunk]).bytes))
                == .unavailable)
        sink.isFull.withLock { $0 = false }
        try await agent.report(chunk)
        try await agent.report(.output(agent.chunk(attempt, .stdout, 0, "one\ntwo\n")), agent.exit(attempt, 0))
        #expect(sink.bytes.withLock { $0["stdout"] } == Array("one\ntwo\n".utf8))
        await room.remove()
    }

    @Test("a secret is in the go alone; what it is needed for does not run without it")
    func secrets() async throws {
        let vault = Vault()
        let room = try await ServerRoom(hooks: CommandHooks(goPreparers: [vault]))
        var agent = try await room.enrolledAgent()
        try await agent.greet()
        let command = try await room.send("{{ssm-secure:p}}", to: [agent.instance])
        let digest = try await agent.offers().first?.digest
        vault.content.withLock { $0 = .unreachable }
        let claim = try agent.request(
            "POST", AgentRoute.report, session: agent.session, body: Report(messages: [.claim(AgentDouble.attempt(command))]).bytes)
        #expect(try await agent.refusal(claim) == .unavailable)
        #expect(try await room.status(command, agent.instance) == "Pending")
        vault.content.withLock { $0 = .secret("hunter2") }
        guard case .go(let go)? = try await agent.report(.claim(AgentDouble.attempt(command))).first else {
            Issue.record("a claim is answered by go")
            return
        }
        #expect(go.steps.first?.commands == ["hunter2"])
        #expect(go.digest == digest)
        let stored = try await room.database.read { try $0.row("SELECT steps FROM command", [])?.blob(0) ?? [] }
        #expect(!String(decoding: stored, as: UTF8.self).contains("hunter2"))

        vault.content.withLock { $0 = .missing }
        let other = try await room.send("{{ssm-secure:p}}", to: [agent.instance])
        let attempt = try AgentDouble.attempt(other)
        #expect(try await agent.report(.claim(attempt)) == [.void(attempt)])
        let result = try await room.call("GetCommandInvocation", ["CommandId": .string(other), "InstanceId": .string(agent.instance)])
        #expect(result.string("Status") == "Failed")
        #expect(result.string("StandardErrorContent") == "The parameter is not there.")
        await room.remove()
    }

    @Test("a node's run-as goes with each go; in maintenance it is offered nothing, and may claim what it was offered before")
    func nodeSettings() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        try await agent.greet()
        let first = try await room.send("x", to: [agent.instance])
        #expect(try await agent.offers().count == 1)
        try await set(agent, maintenance: true, runAs: RunAs(user: "batch"))
        let second = try await room.send("y", to: [agent.instance])
        #expect(try await agent.offers().isEmpty)
        guard case .go(let go)? = try await agent.report(.claim(AgentDouble.attempt(first))).first else {
            Issue.record("a claim is answered by go")
            return
        }
        #expect(go.runAs == RunAs(user: "batch"))
        try await set(agent, maintenance: false, runAs: nil)
        #expect(try await agent.offers().map(\.attempt.commandID) == [second])
        await room.remove()
    }

    private func set(_ agent: AgentDouble, maintenance: Bool, runAs: RunAs?) async throws {
        let node = try #require(try await agent.room.database.read { try ManagedNodeStore.find(agent.instance, in: $0) })
        try await agent.room.database.apply([
            ManagedNodeStore.setSettings(of: node, maintenanceAt: maintenance ? agent.room.clock.now : nil, runAs: runAs?.bytes)
        ])
    }
}
