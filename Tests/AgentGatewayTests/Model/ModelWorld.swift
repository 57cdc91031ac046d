import AWSProtocols
import AgentProtocol
import Engine
import Foundation
import Store
import TestSupport
import Testing
import TimeSource

@testable import AgentGateway

/// A server with nodes that go through whatever a seed brings: the real coordinator and conversation over a real database.
struct ModelWorld {
    var room: ServerRoom
    var nodes: [ModelNode] = []
    var random: SeededWords
    var commands: [String] = []
    /// What was seen of invocations that had ended: it must never change.
    var ends: [InvocationRecord.Key: InvocationState] = [:]
    /// Attempts that the restored backup is older than the end of. The node has forgotten them as well, so only the operator can know.
    var forgotten: Set<AttemptID> = []
    /// Attempts whose node told how they ended while the server believed it, and what that was.
    private(set) var closed: Set<AttemptID> = []
    private var backup: Backup?

    private struct Backup {
        let path: String
        let closed: Set<AttemptID>
    }

    init(seed: UInt64, nodes count: Int) async throws {
        random = SeededWords(seed: seed)
        room = try await ServerRoom(random: SeededRandomSource(seed: seed))
        for _ in 0..<count { nodes.append(ModelNode(agent: try await room.enrolledAgent())) }
    }

    // MARK: What may happen

    enum Event: CaseIterable {
        case send, cancel, time, poll, tell, end, greet, disconnect, agentDies, serverDies, backUp, restore
        case deregister, declareLost, spoolLost, maintenance

        var weight: Int {
            switch self {
            case .tell: 40
            case .poll, .greet: 20
            case .send, .end: 12
            case .time: 8
            case .cancel, .disconnect: 4
            case .agentDies, .serverDies, .maintenance: 3
            case .backUp, .restore, .declareLost, .spoolLost: 2
            case .deregister: 1
            }
        }
    }

    mutating func step() async throws {
        try await perform(pick(Event.allCases, by: \.weight))
        try await check()
    }

    private mutating func perform(_ event: Event) async throws {
        let index = Int(random.below(nodes.count))
        switch event {
        case .send: try await send()
        case .cancel:
            guard let command = commands.randomElement(using: &random) else { return }
            var input: APIStructure = ["CommandId": .string(command)]
            let node = nodes[index].agent.instance
            if random.isLikely(1, in: 2), try await invocation(of: command, on: node) != nil { input["InstanceIds"] = .strings([node]) }
            _ = try await room.call("CancelCommand", input)
        case .time:
            room.clock.advance(by: .seconds(Int(random.below(40)) + 1))
            await room.coordinator.passDeadlines()
        case .poll: try await poll(index)
        case .tell: try await tell(index)
        case .end:
            let running = nodes[index].spool.filter { if case .running = $0.value { true } else { false } }.keys.sorted { "\($0)" < "\($1)" }
            guard let attempt = running.randomElement(using: &random) else { return }
            nodes[index].spool[attempt] = .ended(code: random.isLikely(1, in: 3) ? 1 : 0, stopped: .none, hasRun: true)
        case .greet: try await nodes[index].greet()
        case .disconnect: nodes[index].isConnected = false
        case .agentDies:
            nodes[index].isConnected = false
            nodes[index].agent.incarnation += 1
        case .serverDies:
            // In the middle of something, before or after one of its commits.
            room.database.failOnce(random.isLikely(1, in: 2) ? .crashBefore : .crashAfter, atBatch: random.below(3) + 1)
            let others = Event.allCases.filter { ![.serverDies, .backUp, .restore].contains($0) }
            try? await perform(pick(others, by: \.weight))
            try await restart()
        case .backUp: try await backUp()
        case .restore: try await restore()
        case .deregister:
            guard nodes.count(where: \.isDeregistered) < nodes.count / 2 else { return }
            _ = try? await room.call("DeregisterManagedInstance", ["InstanceId": .string(nodes[index].agent.instance)])
            nodes[index].isDeregistered = true
            nodes[index].isConnected = false
        case .declareLost:
            try await room.coordinator.declareLost(node: nodes[index].agent.instance, account: ServerRoom.account)
        case .spoolLost:
            nodes[index].spool = [:]
            nodes[index].isConnected = false
        case .maintenance:
            let id = nodes[index].agent.instance
            guard let node = try await room.database.read({ try ManagedNodeStore.find(id, in: $0) }), node.state == .active else { return }
            let at = node.maintenanceAt == nil ? room.clock.now : nil
            try await room.database.apply([ManagedNodeStore.setSettings(of: node, maintenanceAt: at, runAs: nil)])
            room.coordinator.sessions.wake(id)
        }
    }

    private mutating func send() async throws {
        let able = nodes.filter { !$0.isDeregistered }.map(\.agent.instance).filter { _ in random.isLikely(2, in: 3) }
        guard !able.isEmpty else { return }
        commands.append(
            try await room.send(
                "x", to: able,
                [
                    "MaxConcurrency": .string("\(random.below(3) + 1)"), "MaxErrors": .string("\(random.below(3))"),
                    "TimeoutSeconds": .integer(Int64(random.below(60)) + 30),
                    "Parameters": ["commands": ["x"], "executionTimeout": [.string("\(random.below(60) + 1)")]],
                ]))
    }

    /// The node reads its stream of work, or the connection breaks while it does.
    private mutating func poll(_ index: Int) async throws {
        guard nodes[index].isConnected else { return }
        let agent = nodes[index].agent
        let messages = try await room.coordinator.nextMessages(session: agent.session, node: agent.instance)
        guard !random.isLikely(1, in: 8) else {
            nodes[index].isConnected = false
            return
        }
        for message in messages { try await hear(message, index) }
    }

    /// The node reports some of what it has to tell. The request or its answer may be lost, and it may come twice, at the same moment or later.
    private mutating func tell(_ index: Int) async throws {
        guard nodes[index].isConnected else { return }
        let attempts = nodes[index].spool.keys.sorted { "\($0)" < "\($1)" }.filter { _ in random.isLikely(2, in: 3) }
        let messages = attempts.flatMap { nodes[index].tale(of: $0) }
        for attempt in attempts { nodes[index].noteTold(attempt) }
        let fate = random.below(8)
        // Lost on its way there.
        if fate == 0 { return nodes[index].isConnected = false }
        let agent = nodes[index].agent
        let body = Report(messages: messages).bytes
        var answers: [ServerMessage] = []
        if fate == 1 {
            // Twice, side by side: the agent gave up on the first one, which is still at work.
            async let first = agent.send(agent.request("POST", AgentRoute.report, session: agent.session, body: body))
            async let second = agent.send(agent.request("POST", AgentRoute.report, session: agent.session, body: body))
            let replies = try await [first, second]
            for (status, body) in replies where status == 200 { answers = try ReportReply(bytes: body).messages }
        } else {
            let (status, body) = try await agent.send(agent.request("POST", AgentRoute.report, session: agent.session, body: body))
            guard status == 200 else { return nodes[index].isConnected = false }
            answers = try ReportReply(bytes: body).messages
        }
        // The answer is lost.
        if fate == 2 { return nodes[index].isConnected = false }
        for answer in answers { try await hear(answer, index) }
    }

    private mutating func hear(_ message: ServerMessage, _ index: Int) async throws {
        if case .go(let go) = message {
            let state = try await invocation(of: go.attempt.commandID, on: nodes[index].agent.instance)?.state
            #expect(state?.status == .inProgress, "a go is told only while it is committed")
        }
        if case .closed(let attempt) = message { closed.insert(attempt) }
        nodes[index].take(message)
    }

    // MARK: Crashes

    private mutating func restart() async throws {
        try await use(room.restarted())
        await room.coordinator.takeUp()
    }

    /// Goes on with a server of which nothing is known but what its database says.
    private mutating func use(_ next: ServerRoom) async throws {
        room = next
        let (ids, inService) = try await next.database.read { transaction in
            (
                try CommandStore.list(account: ServerRoom.account, before: .max, limit: 1_000, in: transaction).map(\.record.id),
                try ManagedNodeStore.list(account: ServerRoom.account, after: "", limit: 100, in: transaction).map(\.id)
            )
        }
        commands = ids.reversed()
        for index in nodes.indices {
            nodes[index].agent.room = next
            nodes[index].isConnected = false
            nodes[index].isDeregistered = !inService.contains(nodes[index].agent.instance)
        }
    }

    private mutating func backUp() async throws {
        await room.close()
        if let backup { try? FileManager.default.removeItem(atPath: backup.path) }
        let path = room.directory + "-backup"
        try FileManager.default.copyItem(atPath: room.directory, toPath: path)
        backup = Backup(path: path, closed: closed)
        try await use(ServerRoom(directory: room.directory, clock: room.clock, random: room.random))
    }

    private mutating func restore() async throws {
        guard let backup else { return }
        self.backup = nil
        await room.close()
        try FileManager.default.removeItem(atPath: room.directory)
        try FileManager.default.moveItem(atPath: backup.path, toPath: room.directory)
        forgotten.formUnion(closed.subtracting(backup.closed))
        ends = [:]
        try await use(ServerRoom(directory: room.directory, clock: room.clock, random: room.random))
        // Deadlines pass no sooner than nodes have had the time to greet (`graceAfterRelease`).
        for index in nodes.indices { try await nodes[index].greet() }
        await room.coordinator.takeUp()
    }

    // MARK: What must hold

    func invocation(of command: String, on node: String) async throws -> InvocationRecord? {
        try await room.database.read { transaction in
            guard let number = try CommandStore.number(ofID: command, in: transaction) else { return nil }
            return try InvocationStore.find(.init(command: number, node: node), in: transaction)
        }
    }

    private mutating func check() async throws {
        for node in nodes {
            for (attempt, runs) in node.runs where !forgotten.contains(attempt) { #expect(runs <= 1, "\(attempt) ran \(runs) times") }
        }
        for id in commands {
            let (command, progress, records) = try await room.database.read { transaction in
                let command = try #require(try CommandStore.find(id: id, account: ServerRoom.account, in: transaction))
                let records = try InvocationStore.list(command: command.record.number, after: "", limit: 100, in: transaction)
                return (command.record, command.progress, records)
            }
            #expect(records.count == command.targetCount)
            #expect(progress.completed == records.count(where: \.state.hasEnded))
            #expect(progress.active == records.count { $0.isReleased && !$0.state.hasEnded })
            #expect(progress.active <= command.concurrencyLimit)
            #expect(progress.started == records.count { $0.state.grantedAt != nil })
            if progress.isCancelled { #expect(records.allSatisfy { $0.state.status != .pending }, "nothing of a cancelled command may begin") }
            for record in records { try await check(record, of: command) }
        }
    }

    private mutating func check(_ record: InvocationRecord, of command: CommandRecord) async throws {
        let state = record.state
        #expect(state.attempt == 1, "no second attempt")
        let results = try await room.database.read { try InvocationStore.results(of: record.key, in: $0) }
        #expect(results.count == (state.hasEnded ? 1 : 0))
        guard state.hasEnded else { return }
        if let end = ends[record.key] { #expect(end == state, "an end is recorded once") }
        ends[record.key] = state
        guard state.grantedAt == nil, let attempt = AttemptID(commandID: command.id, number: 1) else { return }
        let runs = nodes.first { $0.agent.instance == record.key.node }?.runs[attempt] ?? 0
        #expect(runs == 0 || forgotten.contains(attempt), "\(state.detail) without a go proves that nothing ran")
    }

    /// All come back, all jobs end, all is told: then nothing is open any more.
    mutating func settle() async throws {
        for node in nodes where !node.isDeregistered {
            guard let record = try await room.database.read({ try ManagedNodeStore.find(node.agent.instance, in: $0) }) else { continue }
            try await room.database.apply([ManagedNodeStore.setSettings(of: record, maintenanceAt: nil, runAs: nil)])
        }
        for _ in 0..<3 + commands.count {
            room.clock.advance(by: .seconds(200))
            for index in nodes.indices where !nodes[index].isDeregistered {
                try await nodes[index].greet()
                for _ in 0..<3 {
                    for message in try await room.coordinator.nextMessages(
                        session: nodes[index].agent.session, node: nodes[index].agent.instance)
                    { try await hear(message, index) }
                    for (attempt, spooled) in nodes[index].spool {
                        if case .running = spooled { nodes[index].spool[attempt] = .ended(code: 0, stopped: .none, hasRun: true) }
                    }
                    let messages = nodes[index].spool.keys.flatMap { nodes[index].tale(of: $0) }
                    let agent = nodes[index].agent
                    let (_, body) = try await agent.send(
                        agent.request("POST", AgentRoute.report, session: agent.session, body: Report(messages: messages).bytes))
                    for message in try ReportReply(bytes: body).messages { try await hear(message, index) }
                }
            }
            await room.coordinator.passDeadlines()
            try await check()
        }
        for node in nodes where !node.isDeregistered { #expect(node.spool.isEmpty, "the server says of every attempt that it is closed") }
        for id in commands {
            let progress = try await room.database.read { try CommandStore.find(id: id, account: ServerRoom.account, in: $0) }
            #expect(progress?.progress.completed == progress?.record.targetCount, "everything comes to an end")
        }
    }

    func remove() async {
        await room.remove()
        if let backup { try? FileManager.default.removeItem(atPath: backup.path) }
    }

    private mutating func pick<Choice>(_ choices: [Choice], by weight: (Choice) -> Int) -> Choice {
        var left = Int(random.below(choices.reduce(0) { $0 + weight($1) }))
        for choice in choices {
            left -= weight(choice)
            if left < 0 { return choice }
        }
        return choices[0]
    }
}
