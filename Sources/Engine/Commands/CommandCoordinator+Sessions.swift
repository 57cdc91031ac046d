package import AgentProtocol
import Logging
import StatesInterpreter
import Store
import TimeSource

extension CommandCoordinator {
    /// A node greets, its incarnation checked and written down: settles what both sides hold of attempts and begins the session.
    /// - Returns: the session's id, and what the node is to be told of its attempts.
    package func greet(_ request: SessionRequest, from node: String) async throws -> (session: String, messages: [ServerMessage]) {
        var messages: [ServerMessage] = []
        let running = try await database.read { transaction in
            try InvocationStore.running(on: node, in: transaction).compactMap { record in
                try CommandStore.find(number: record.key.command, in: transaction).flatMap { command in
                    AttemptID(commandID: command.record.id, number: record.state.attempt).map { ($0, record) }
                }
            }
        }
        let spooled = Set(request.attempts.map(\.attempt))
        // A go is sent for what the node has recorded durably, so what it does not know it has lost.
        for (attempt, record) in running where !spooled.contains(attempt) {
            logger.warning("a node has lost an attempt", metadata: ["instance-id": "\(node)", "attempt": "\(attempt)"])
            try await transition(record.key, [.forgottenByNode], tellsNode: false) { $0.state == record.state }
        }
        let states = Dictionary(running.map { ($0.0, $0.1.state) }, uniquingKeysWith: { first, _ in first })
        for held in request.attempts {
            if let state = states[held.attempt] {
                // Asked to stop while the node was away.
                if state.stopReason != nil, held.state == .running { messages.append(.cancel(held.attempt)) }
            } else if held.state != .accepted {
                // What is accepted asks for its go anyway. What ran has ended here, but for one that a restored backup knows as waiting.
                let state = try await state(of: held.attempt, on: node)
                switch (state?.detail, state?.hasEnded ?? true) {
                // It runs what this database, restored from a backup, knows as waiting. From now on no deadline may say that it never ran.
                case (.pending, false): try await takeUp(held.attempt, on: node)
                case (_, false): break
                // The node was given up and is back: it is to stop, and may say how that ended.
                case (.nodeLost, true): if held.state == .running { messages.append(.cancel(held.attempt)) }
                case (_, true): messages.append(.closed(held.attempt))
                }
            }
        }
        let session = identifiers.uuid()
        sessions.begin(session, of: node, capacity: request.capacity)
        return (session, messages)
    }

    private func takeUp(_ attempt: AttemptID, on node: String) async throws {
        guard let number = try await database.read({ try CommandStore.number(ofID: attempt.commandID, in: $0) }) else { return }
        try await transition(.init(command: number, node: node), [.started(at: clock.now.wall)], tellsNode: false) {
            $0.state.status == .pending
        }
    }

    private func state(of attempt: AttemptID, on node: String) async throws -> InvocationState? {
        try await database.read { transaction in
            guard let number = try CommandStore.number(ofID: attempt.commandID, in: transaction) else { return nil }
            let record = try InvocationStore.find(.init(command: number, node: node), in: transaction)
            return record.flatMap { $0.state.attempt == attempt.number ? $0.state : nil }
        }
    }

    /// What is to be written to a session's stream now: messages first, then offers.
    package func nextMessages(session: String, node: String) async throws -> [ServerMessage] {
        // Most of the time only a ping is due: thousands of idle nodes are no load for the database.
        var queued: [QueuedCommand]?
        if let limit = sessions.newsLimit(session, of: node) {
            queued = try await database.read { try InvocationStore.queued(for: node, limit: limit, in: $0) }
        }
        let (messages, offers) = sessions.take(session, of: node, queued: queued)
        return messages
            + offers.compactMap { offer in
                AttemptID(commandID: offer.commandID, number: offer.attempt).map {
                    .offer(CommandOffer(attempt: $0, documentName: offer.documentName, digest: offer.digest))
                }
            }
    }

    /// Takes a node out of service for good: what waits for it is undeliverable, what runs there is lost, its connection ends.
    /// - Returns: false when it is not in service.
    package func deregister(node: String, account: String) async throws -> Bool {
        let isDone = try await database.applyUnlessConflict([
            ManagedNodeStore.deregister(node, account: account), TagStore.removeAll(of: node, account: account),
        ])
        guard isDone else { return false }
        sessions.end(node: node)
        var before = Int64.max
        while true {
            let page = try await database.read { [before] transaction in
                try InvocationStore.list(node: node, account: account, before: before, limit: 200, in: transaction)
            }
            for record in page where !record.state.hasEnded {
                try await transition(record.key, [.nodeDeregistered], tellsNode: false)
            }
            guard page.count == 200, let last = page.last else { return true }
            before = last.key.command
        }
    }
    /// Ends what a crash left running on nodes that were being deregistered. What waits for them has deadlines of its own.
    func finishDeregistrations() async {
        do {
            while true {
                let keys = try await database.read {
                    try InvocationStore.runningOnDeregisteredNodes(limit: CommandCoordinator.page, in: $0)
                }
                guard !keys.isEmpty else { return }
                try await transition(all: keys, [.nodeDeregistered])
            }
        } catch {
            logger.error("commands on deregistered nodes could not be ended", metadata: ["error": "\(error)"])
        }
    }

    /// Gives up what runs on a node that will not come back: those invocations are Failed, `NodeLost`. Should it come back after all, it is
    /// told to stop what it still runs, and how that ended goes to the log alone. What waits for it goes on waiting.
    /// - Returns: how many invocations were given up.
    @discardableResult
    package func declareLost(node: String, account: String) async throws -> Int {
        let running = try await database.read { try InvocationStore.running(on: node, in: $0) }
        var count = 0
        for record in running where record.account == account {
            // nil for one that ended meanwhile, as the node said.
            if try await transition(record.key, [.nodeDeclaredLost], where: { !$0.state.hasEnded }) != nil { count += 1 }
        }
        if count > 0 {
            logger.warning("node declared lost", metadata: ["instance-id": "\(node)", "invocations": "\(count)"])
        }
        return count
    }
}
