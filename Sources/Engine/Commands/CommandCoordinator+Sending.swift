import AgentProtocol
import Logging
import StatesInterpreter
package import Store
import Synchronization
import TimeSource

extension CommandCoordinator {
    /// Sends a command; it and all of its invocations are durable when it answers. An order with the id of an earlier one answers that one.
    package func send(_ order: CommandOrder) async throws -> SentCommand {
        let id =
            switch order.identity {
            case .generated: identifiers.uuid()
            case .fixed(let id): id
            case .derived(let key): CommandOrder.identifier(account: order.account, key: key)
            }
        if order.identity != .generated, let sent = try await command(id, account: order.account) { return sent }
        let now = clock.now
        let steps = CommandSteps.encode(order.steps)
        let timeouts = order.steps.map { Int64($0.timeoutSeconds) }
        let record = CommandRecord(
            number: nextNumber(), id: id, account: order.account, documentName: order.documentName,
            documentVersion: order.documentVersion, steps: steps, digest: CommandOrder.digest(of: steps), request: order.request,
            requestedAt: now.wall, expiresAt: now.wall + order.deliveryTimeout,
            executionSeconds: timeouts.contains(0) ? 0 : timeouts.reduce(0, +), logGroup: order.logGroup,
            concurrencyLimit: max(1, order.concurrencyLimit), errorLimit: max(0, order.errorLimit),
            targetCount: order.nodes.count)
        let invocations = order.nodes.enumerated().map { index, node in
            InvocationRecord(
                key: InvocationRecord.Key(command: record.number, node: node), account: order.account,
                isReleased: index < record.concurrencyLimit, deadline: now.engine + order.deliveryTimeout)
        }
        let batch =
            CommandStore.create(record, active: min(record.concurrencyLimit, order.nodes.count))
            + InvocationStore.create(invocations)
        guard try await database.applyUnlessConflict(batch) else {
            // Somebody sent the same id at the same moment.
            guard let sent = try await command(id, account: order.account) else {
                throw StoreError(.conflict, detail: "the command's id is taken")
            }
            return sent
        }
        for node in order.nodes.prefix(record.concurrencyLimit) { sessions.wake(node) }
        logger.info(
            "command sent", metadata: ["command-id": "\(id)", "document": "\(order.documentName)", "targets": "\(order.nodes.count)"])
        return SentCommand(record: record, progress: CommandProgress())
    }

    private func command(_ id: String, account: String) async throws -> SentCommand? {
        try await database.read { transaction in
            try CommandStore.find(id: id, account: account, in: transaction).map {
                SentCommand(record: $0.record, progress: $0.progress)
            }
        }
    }

    /// Cancels a command on some of its nodes, or on all: what has not begun never will, what runs is asked to stop.
    package func cancel(_ command: CommandRecord, nodes: [String]?) async throws {
        if nodes == nil {
            let events = ownEvents?.cancelling(command) ?? CommandEvents()
            let announcements = hooks.observers.map { ($0, $0.cancelling(command)) }
            try await database.apply(
                [CommandStore.cancel(command.number)] + events.statements + announcements.flatMap(\.1.statements))
            ownEvents?.offer(events.deliveries)
            for (observer, announced) in announcements where !announced.deliveries.isEmpty { observer.offer(announced.deliveries) }
        }
        try await cancelInvocations(of: command, nodes: nodes)
    }

    /// Goes on with cancels that a crash cut off.
    func finishCancels() async {
        do {
            for command in try await database.read({ try CommandStore.cancelling(in: $0) }) {
                try await cancelInvocations(of: command, nodes: nil)
            }
        } catch {
            logger.error("cancelled commands could not be ended", metadata: ["error": "\(error)"])
        }
    }

    private func cancelInvocations(of command: CommandRecord, nodes: [String]?) async throws {
        var last = ""
        while true {
            let page = try await database.read { [last] transaction in
                try InvocationStore.list(command: command.number, after: last, limit: 200, in: transaction)
            }
            let keys = page.map(\.key).filter { nodes?.contains($0.node) ?? true }
            // Nothing gets its turn any more when all are cancelled.
            try await transition(all: keys, [.cancel], releases: nodes != nil)
            guard page.count == 200, let end = page.last else { return }
            last = end.key.node
        }
    }

    // MARK: Concurrency and errors

    /// Goes on with commands that a crash left between the end of one invocation and the turn of the next.
    func releaseAllHeld() async {
        do {
            for number in try await database.read({ try InvocationStore.commandsWithHeld(in: $0) }) {
                try await releaseHeld(of: number)
            }
        } catch {
            logger.error("held commands could not be released", metadata: ["error": "\(error)"])
        }
    }

    /// Tries again where giving turns has failed.
    func releaseOverdue() async {
        for number in overdueReleases.withLock({ $0 }) {
            do {
                try await releaseHeld(of: number)
            } catch {
                logger.error("a held command could not be released", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Gives held invocations their turn as far as the concurrency limit lets it, or ends them all when there were too many errors.
    func releaseHeld(of number: Int64) async throws {
        do {
            try await releases.run(number) { try await self.releaseNow(number) }
            overdueReleases.withLock { _ = $0.remove(number) }
        } catch {
            // The end that asked for it is committed, so nobody will ask again.
            overdueReleases.withLock { _ = $0.insert(number) }
            throw error
        }
    }

    private func releaseNow(_ number: Int64) async throws {
        while true {
            let read = try await database.read { transaction -> (CommandRecord, isOver: Bool, held: [InvocationRecord.Key])? in
                try CommandStore.find(number: number, in: transaction).flatMap { command, progress in
                    // Whoever cancels the command ends them one by one.
                    if progress.isCancelled { return nil }
                    let isOver = progress.errors > command.errorLimit
                    let room = isOver ? CommandCoordinator.page : command.concurrencyLimit - progress.active
                    return (command, isOver, try InvocationStore.held(command: number, limit: max(0, min(room, 1_000)), in: transaction))
                }
            }
            guard let (command, isOver, held) = read, !held.isEmpty else { return }
            if isOver {
                // Their ends are part of this round: they ask for no other one.
                try await transition(all: held, [.terminate], releases: false) { !$0.isReleased }
                continue
            }
            let batch = [CommandStore.takePlaces(held.count, of: command)] + held.flatMap(InvocationStore.release)
            // A conflict: an end at the same moment was an error too many, or the command was cancelled on one of these nodes.
            guard try await database.applyUnlessConflict(batch) else { continue }
            for key in held { sessions.wake(key.node) }
        }
    }
}
