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

    private func take(
        _ messages: [AgentMessage], about attempt: AttemptID, from node: String, incarnation: Int64
    ) async throws -> [ServerMessage] {
        let found = try await database.read { transaction -> (command: CommandRecord, invocation: InvocationRecord)? in
            guard let number = try CommandStore.number(ofID: attempt.commandID, in: transaction),
                let invocation = try InvocationStore.find(.init(command: number, node: node), in: transaction),
                let command = try CommandStore.find(number: number, in: transaction)
            else { return nil }
            return (command.record, invocation)
        }
        // Unknown here, as after a restored backup, or an attempt given up: the node may forget it.
        guard let found, found.invocation.state.attempt == attempt.number else { return [.closed(attempt)] }
        let key = found.invocation.key
        let steps = try CommandSteps.decode(found.command.steps)
        var replies: [ServerMessage] = []
        let chunks = messages.compactMap { message in
            if case .output(let chunk) = message { chunk } else { nil }
        }
        if found.invocation.state.hasEnded, !chunks.isEmpty {
            replies.append(.closed(attempt))
        } else if !chunks.isEmpty {
            replies += try await outputs.take(chunks, of: key, command: found.command, steps: steps)
        }
        var inputs: [InvocationStateMachine.Input] = []
        for message in messages {
            switch message {
            case .claim: inputs.append(.claim(incarnation: incarnation))
            case .goRequest: inputs.append(.goRequest(incarnation: incarnation))
            case .started(_, let startedAt): inputs.append(.started(at: Timestamp(milliseconds: startedAt)))
            case .exit(let outcome):
                try await outputs.finish(
                    key, attempt: attempt.number, command: found.command, steps: steps,
                    endedAt: Timestamp(milliseconds: outcome.endedAtMilliseconds))
                inputs.append(.outcome(outcome))
            case .output, .unknown: break
            }
        }
        guard !inputs.isEmpty else { return replies }
        let answers = try await transition(key, inputs, tellsNode: false) ?? [.closed]
        return replies
            + answers.map { answer in
                switch answer {
                case .go: .go(go(attempt, found.command, steps, node))
                case .void: .void(attempt)
                case .stop: .cancel(attempt)
                case .closed: .closed(attempt)
                }
            }
    }

    /// The order to start: always the same for an attempt.
    private func go(_ attempt: AttemptID, _ command: CommandRecord, _ steps: [PluginStep], _ node: String) -> CommandGo {
        CommandGo(
            attempt: attempt, digest: command.digest,
            steps: steps.map { step in
                var step = step
                // As Systems Manager's agent sets them.
                step.environment += [
                    NamedValue(name: "AWS_SSM_INSTANCE_ID", value: node), NamedValue(name: "AWS_SSM_REGION_NAME", value: region),
                ]
                return step
            })
    }
}

extension AgentMessage {
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
