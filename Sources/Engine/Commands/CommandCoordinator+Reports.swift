package import AgentProtocol
import Store
import TimeSource

extension CommandCoordinator {
    /// Takes in what a node tells, and makes all of it durable before it answers.
    /// - Returns: the answers, those about one attempt in the order of what they answer.
    package func take(_ report: Report, from node: String, incarnation: Int64) async throws -> [ServerMessage] {
        var order: [AttemptID] = []
        var messages: [AttemptID: [AgentMessage]] = [:]
        for message in report.messages {
            guard let attempt = message.attempt else { continue }
            if messages[attempt] == nil { order.append(attempt) }
            messages[attempt, default: []].append(message)
        }
        // Most reports are heartbeats, or about one attempt.
        guard order.count > 1 else {
            guard let attempt = order.first else { return [] }
            return try await take(messages[attempt] ?? [], about: attempt, from: node, incarnation: incarnation)
        }
        // Side by side, so that all attempts of a report share the same commits.
        return try await withThrowingTaskGroup(of: (Int, [ServerMessage]).self) { group in
            for (index, attempt) in order.enumerated() {
                let told = messages[attempt] ?? []
                group.addTask { (index, try await self.take(told, about: attempt, from: node, incarnation: incarnation)) }
            }
            var replies = [[ServerMessage]](repeating: [], count: order.count)
            for try await (index, answers) in group { replies[index] = answers }
            return replies.flatMap(\.self)
        }
    }

    /// What is known of an attempt that a node speaks of.
    private struct Known: Sendable {
        let command: CommandRecord
        let invocation: InvocationRecord
        /// The node's setting, the JSON of `RunAs`.
        let runAs: [UInt8]?
    }

    private func find(_ attempt: AttemptID, on node: String, forGo: Bool) async throws -> Known? {
        try await database.read { transaction in
            guard let number = try CommandStore.number(ofID: attempt.commandID, in: transaction),
                let invocation = try InvocationStore.find(.init(command: number, node: node), in: transaction),
                invocation.state.attempt == attempt.number,
                let command = try CommandStore.find(number: number, in: transaction)
            else { return nil }
            return Known(
                command: command.record, invocation: invocation,
                runAs: forGo ? try ManagedNodeStore.find(node, in: transaction)?.runAs : nil)
        }
    }

    private func take(
        _ messages: [AgentMessage], about attempt: AttemptID, from node: String, incarnation: Int64
    ) async throws -> [ServerMessage] {
        let asksForGo = messages.contains(where: \.asksForGo)
        // Unknown here, as after a restored backup, or an attempt given up: the node may forget it.
        guard let known = try await find(attempt, on: node, forGo: asksForGo) else { return [.closed(attempt)] }
        let (command, invocation) = (known.command, known.invocation)
        let steps = try CommandSteps.decode(command.steps)
        var replies = try await takeOutput(messages, attempt, invocation, command, steps)
        var go: CommandGo?
        var refusal: String?
        if asksForGo, !invocation.state.hasEnded {
            do {
                go = try await makeGo(attempt, command, steps, node, runAs: known.runAs)
            } catch let error as GoRefused {
                refusal = error.reason
            }
        }
        var inputs: [InvocationStateMachine.Input] = []
        for message in messages {
            switch message {
            case .claim: inputs.append(refusal.map { .noGo(reason: $0) } ?? .claim(incarnation: incarnation))
            case .goRequest: inputs.append(refusal.map { .noGo(reason: $0) } ?? .goRequest(incarnation: incarnation))
            case .started(_, let startedAt): inputs.append(.started(at: Timestamp(milliseconds: startedAt)))
            case .exit(let outcome):
                if !invocation.state.hasEnded {
                    try await outputs.finish(
                        invocation.key, attempt: attempt.number, command: command, steps: steps,
                        endedAt: Timestamp(milliseconds: outcome.endedAtMilliseconds))
                }
                inputs.append(.outcome(outcome))
            case .output, .unknown: break
            }
        }
        guard !inputs.isEmpty else { return replies }
        let answers = try await transition(invocation.key, inputs, known: (invocation, command), tellsNode: false) ?? [.closed]
        for answer in answers {
            switch answer {
            // Decided on what has not ended, as it was when the go was made: an ended invocation never is open again.
            case .go: if let go { replies.append(.go(go)) }
            case .void: replies.append(.void(attempt))
            case .stop: replies.append(.cancel(attempt))
            case .closed: replies.append(.closed(attempt))
            }
        }
        return replies
    }

    private func takeOutput(
        _ messages: [AgentMessage], _ attempt: AttemptID, _ invocation: InvocationRecord, _ command: CommandRecord,
        _ steps: [PluginStep]
    ) async throws -> [ServerMessage] {
        let chunks = messages.compactMap { message in
            if case .output(let chunk) = message { chunk } else { nil }
        }
        guard !chunks.isEmpty else { return [] }
        guard invocation.state.hasEnded else {
            return try await outputs.take(chunks, of: invocation.key, command: command, steps: steps)
        }
        guard invocation.state.detail == .nodeLost else { return [.closed(attempt)] }
        // Nobody keeps it, but the node is heard to the end: how it ended goes to the server's log.
        let ends = Dictionary(chunks.map { ($0.stream, $0.offset + Int64($0.bytes.count)) }, uniquingKeysWith: max)
        return ends.map { .acknowledged(attempt, $0.key, offset: $0.value) }
    }

    /// The order to start. Of an attempt it is always the same, but for what the preparers fill in.
    private func makeGo(
        _ attempt: AttemptID, _ command: CommandRecord, _ steps: [PluginStep], _ node: String, runAs: [UInt8]?
    ) async throws -> CommandGo {
        var steps = steps
        for preparer in hooks.goPreparers { steps = try await preparer.prepare(steps, for: attempt, of: command, on: node) }
        for index in steps.indices {
            // As Systems Manager's agent sets them.
            steps[index].environment += [
                NamedValue(name: "AWS_SSM_INSTANCE_ID", value: node), NamedValue(name: "AWS_SSM_REGION_NAME", value: region),
            ]
        }
        return CommandGo(attempt: attempt, digest: command.digest, steps: steps, runAs: try runAs.map(RunAs.init(bytes:)))
    }
}

extension AgentMessage {
    /// Whether the node has a place and wants to begin.
    fileprivate var asksForGo: Bool {
        switch self {
        case .claim, .goRequest: true
        case .started, .output, .exit, .unknown: false
        }
    }

    /// What the message is about; nil for types of a later version.
    var attempt: AttemptID? {
        switch self {
        case .claim(let attempt), .goRequest(let attempt), .started(let attempt, _): attempt
        case .output(let chunk): chunk.attempt
        case .exit(let outcome): outcome.attempt
        case .unknown: nil
        }
    }
}
