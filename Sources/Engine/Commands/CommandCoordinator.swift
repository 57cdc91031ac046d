import AgentProtocol
package import Logging
import ServiceLifecycle
import StatesInterpreter
package import Store
import Synchronization
package import TimeSource

/// Run Command's durable heart: sends commands to nodes, and takes in what the nodes say of them.
///
/// Each change of an invocation is read, decided by `InvocationStateMachine`, written under the version that was read, and only then told.
/// Whoever loses a race decides again on what the other wrote. Nothing of it is in memory but the open connections, so a restart needs no
/// recovery beyond `run()`. `docs/architecture/run-a-command.md` walks through it.
package final class CommandCoordinator: Service {
    /// A delivery timeout is 30 s at least, so a look every second is near enough.
    private static let look = Duration.seconds(1)
    private static let pingsEvery: Int64 = 60_000
    /// How many invocations are taken up at a time, of a command or of many.
    static let page = 200
    /// How many of them change side by side, so that they share commits.
    private static let sideBySide = 50
    /// After a release deadlines pass no sooner than nodes have had the time to greet.
    private static let graceAfterRelease = Duration.seconds(120)

    let database: any Database
    let clock: EngineClock
    let identifiers: IdentifierSource
    let outputs: OutputIntake
    let region: String
    let logger: Logger
    /// The connections of nodes.
    package let sessions: NodeSessions
    /// Closed while restored data waits for its release: nodes are not talked to, and no deadline passes.
    package let hold: HoldGate
    private let lastNumber: Mutex<Int64>
    /// Told the id of a command each time one of its invocations has ended.
    private let invocationEnded: @Sendable (_ commandID: String) -> Void
    /// Writes the events of changed statuses; nil when nobody can want them.
    let ownEvents: OwnEvents?
    let hooks: CommandHooks
    /// Turns of a command's nodes are given by one at a time.
    let releases = SharedRounds<Int64>()
    /// Commands whose turns could not be given when an invocation ended.
    let overdueReleases = Mutex<Set<Int64>>([])

    /// A coordinator over the store.
    /// - Parameters:
    ///   - log: where output is kept in full.
    ///   - region: told to commands as `AWS_SSM_REGION_NAME`.
    ///   - ownEvents: writes the events of changed statuses; nil for none.
    ///   - hooks: what other parts do with commands.
    ///   - invocationEnded: told the id of a command each time one of its invocations has ended, after that is durable.
    package init(
        database: any Database, clock: EngineClock, identifiers: IdentifierSource, sessions: NodeSessions,
        log: any CommandOutputLog, region: String, hold: HoldGate = HoldGate(), ownEvents: OwnEvents? = nil,
        hooks: CommandHooks = CommandHooks(), logger: Logger,
        invocationEnded: @escaping @Sendable (_ commandID: String) -> Void = { _ in }
    ) async throws {
        self.database = database
        self.clock = clock
        self.identifiers = identifiers
        self.sessions = sessions
        self.region = region
        self.hold = hold
        self.logger = logger
        self.invocationEnded = invocationEnded
        self.ownEvents = ownEvents
        self.hooks = hooks
        outputs = OutputIntake(database: database, log: log, sink: hooks.outputSink)
        lastNumber = Mutex(try await database.read { try CommandStore.largestNumber(in: $0) })
    }

    /// Watches deadlines, and lets connected nodes hear of the server, until that stops.
    package func run() async throws {
        let wasHeld = hold.isHeld
        guard await hold.waitUnlessStopped() else { return }
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.watch(wasHeld: wasHeld) }
                while !Task.isCancelled {
                    self.sessions.beat()
                    try? await self.clock.sleep(for: CommandCoordinator.look)
                }
            }
        }
    }

    /// Goes on with what a crash cut off between two commits.
    package func takeUp() async {
        await finishDeregistrations()
        await finishCancels()
        await releaseAllHeld()
    }

    private func watch(wasHeld: Bool) async {
        // Nodes may have run what this database knows as waiting: they tell of it first.
        if wasHeld { try? await clock.sleep(for: CommandCoordinator.graceAfterRelease) }
        await takeUp()
        var pingsAt = clock.now.wall
        while !Task.isCancelled {
            await passDeadlines()
            await releaseOverdue()
            if clock.now.wall.milliseconds - pingsAt.milliseconds >= CommandCoordinator.pingsEvery {
                pingsAt = clock.now.wall
                await recordPings()
            }
            try? await clock.sleep(for: CommandCoordinator.look)
        }
    }

    /// Takes up invocations whose deadlines are reached. An error is logged; the next look tries again.
    package func passDeadlines() async {
        do {
            while !Task.isCancelled {
                let now = clock.now.engine
                let due = try await database.read { try InvocationStore.due(by: now, limit: CommandCoordinator.page, in: $0) }
                // Read again inside: the deadline may have been moved meanwhile.
                try await transition(all: due, [.deadline]) { $0.deadline.map { $0 <= now } ?? false }
                guard due.count == CommandCoordinator.page else { return }
            }
        } catch {
            logger.error("deadlines of commands could not be passed", metadata: ["error": "\(error)"])
        }
    }

    private func recordPings() async {
        let nodes = sessions.all()
        guard !nodes.isEmpty else { return }
        do {
            try await database.apply(nodes.map { ManagedNodeStore.recordPing($0.node, at: $0.heardAt) })
        } catch {
            logger.warning("pings could not be written down", metadata: ["error": "\(error)"])
        }
    }

    /// A number for a new command: larger than all before, and near its time.
    func nextNumber() -> Int64 {
        let time = CommandPruning.number(at: clock.now.wall)
        return lastNumber.withLock { last in
            last = max(last + 1, time)
            return last
        }
    }

    // MARK: Transitions

    /// The most often that a decision is made again because somebody else was faster.
    private static let races = 20

    /// Takes inputs to an invocation: decides, writes, then tells its node.
    ///
    /// - Parameters:
    ///   - known: the invocation and its command as they were just read; nil to read them.
    ///   - tellsNode: false when the caller answers the node itself.
    ///   - releases: whether an end gives other invocations of the command their turn.
    ///   - isStillDue: asked about what was just read; false leaves the invocation alone.
    /// - Returns: what the node is to be told, for callers that answer it themselves; nil when there is no such invocation.
    @discardableResult
    func transition(
        _ key: InvocationRecord.Key, _ inputs: [InvocationStateMachine.Input],
        known: (InvocationRecord, CommandRecord)? = nil, tellsNode: Bool = true, releases: Bool = true,
        where isStillDue: @Sendable (InvocationRecord) -> Bool = { _ in true }
    ) async throws -> [InvocationStateMachine.Message]? {
        var read = known
        for _ in 0..<CommandCoordinator.races {
            if read == nil { read = try await find(key) }
            guard let (record, command) = read, isStillDue(record) else { return nil }
            read = nil
            noteLate(inputs, of: record, command)
            var machine = InvocationStateMachine(record.state, stepCount: try CommandSteps.decode(command.steps).count)
            let now = clock.now
            let messages = inputs.flatMap { machine.handle($0, now: now.wall) }
            guard try await write(machine, over: record, command: command, now: now) else { continue }
            if machine.state.hasEnded, !record.state.hasEnded { invocationEnded(command.id) }
            try await settle(machine.state, over: record, command: command, releases: releases)
            if tellsNode { tell(messages, about: record, command: command) }
            return messages
        }
        throw StoreError(.conflict, detail: "an invocation changes too fast")
    }

    /// Takes the same inputs to many invocations, side by side. The first error ends it.
    func transition(
        all keys: [InvocationRecord.Key], _ inputs: [InvocationStateMachine.Input], releases: Bool = true,
        where isStillDue: @escaping @Sendable (InvocationRecord) -> Bool = { _ in true }
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, key) in keys.enumerated() {
                if index >= CommandCoordinator.sideBySide { try await group.next() }
                group.addTask { try await self.transition(key, inputs, releases: releases, where: isStillDue) }
            }
            try await group.waitForAll()
        }
    }

    private func find(_ key: InvocationRecord.Key) async throws -> (InvocationRecord, CommandRecord)? {
        try await database.read { transaction in
            try InvocationStore.find(key, in: transaction).flatMap { invocation in
                try CommandStore.find(number: key.command, in: transaction).map { (invocation, $0.record) }
            }
        }
    }

    /// What a node tells of an attempt that was given up is written here and nowhere else.
    private func noteLate(_ inputs: [InvocationStateMachine.Input], of record: InvocationRecord, _ command: CommandRecord) {
        guard record.state.detail == .nodeLost else { return }
        for case .outcome(let outcome) in inputs {
            logger.warning(
                "a node that was declared lost has told how a command ended; that is not recorded",
                metadata: [
                    "command-id": "\(command.id)", "instance-id": "\(record.key.node)",
                    "exit-codes": "\(outcome.steps.map { $0.exitCode.map(String.init) ?? "none" }.joined(separator: ","))",
                    "stopped": "\(outcome.stopped.rawValue)", "failure": "\(outcome.failure?.rawValue ?? "none")",
                ])
        }
    }

    /// False when somebody else was faster.
    private func write(
        _ machine: InvocationStateMachine, over record: InvocationRecord, command: CommandRecord, now: Instants
    ) async throws -> Bool {
        let state = machine.state
        let deadline = CommandCoordinator.deadline(state, over: record, command: command, now: now.engine)
        guard state != record.state || deadline != record.deadline else { return true }
        var batch = InvocationStore.update(record, to: state, deadline: deadline)
        if state.hasEnded { batch += InvocationStore.setResults(machine.results, of: record.key) }
        var change = CommandProgress(from: record.state, to: state)
        if record.isReleased, state.hasEnded, !record.state.hasEnded { change.active = -1 }
        if change != CommandProgress() { batch.append(CommandStore.advance(record.key.command, by: change)) }
        let events = ownEvents?.changes(of: command, record.key.node, from: record.state, to: state) ?? CommandEvents()
        batch += events.statements
        let announcements = hooks.observers.map {
            ($0, $0.changes(of: command, on: record.key.node, from: record.state, to: state))
        }
        for (_, announced) in announcements { batch += announced.statements }
        guard try await database.applyUnlessConflict(batch) else { return false }
        ownEvents?.offer(events.deliveries)
        for (observer, announced) in announcements where !announced.deliveries.isEmpty { observer.offer(announced.deliveries) }
        if state.status != record.state.status {
            logger.info(
                "command invocation changed",
                metadata: [
                    "command-id": "\(command.id)", "instance-id": "\(record.key.node)", "status": "\(state.status.rawValue)",
                    "detail": "\(state.detail.rawValue)",
                ])
        }
        return true
    }

    /// Until when the server itself waits beyond the execution timeout, which is the node's to enforce.
    private static let executionGrace = Duration.seconds(60)

    private static func deadline(
        _ state: InvocationState, over record: InvocationRecord, command: CommandRecord, now: Timestamp
    ) -> Timestamp? {
        if state.hasEnded || state.stopReason != nil { return nil }
        if state.grantedAt == nil || record.state.grantedAt != nil { return record.deadline }
        guard command.executionSeconds > 0 else { return nil }
        return now + .seconds(command.executionSeconds) + executionGrace
    }

    /// What follows from a committed change: places in the node's and in the command's queue.
    private func settle(
        _ state: InvocationState, over record: InvocationRecord, command: CommandRecord, releases: Bool
    ) async throws {
        if record.state.status == .pending, state.status != .pending { sessions.wake(record.key.node) }
        if releases, state.hasEnded, !record.state.hasEnded, command.concurrencyLimit < command.targetCount {
            try await releaseHeld(of: command.number)
        }
    }

    private func tell(
        _ messages: [InvocationStateMachine.Message], about record: InvocationRecord, command: CommandRecord
    ) {
        guard let attempt = AttemptID(commandID: command.id, number: record.state.attempt) else { return }
        for message in messages {
            switch message {
            case .void: sessions.post(.void(attempt), to: record.key.node)
            case .stop: sessions.post(.cancel(attempt), to: record.key.node)
            case .closed: sessions.post(.closed(attempt), to: record.key.node)
            // Only a claim brings a go about, and that is answered by its caller.
            case .go: break
            }
        }
    }
}

extension CommandProgress {
    /// What a change of one invocation adds to the counts.
    init(from old: InvocationState, to new: InvocationState) {
        self.init()
        if old.grantedAt == nil, new.grantedAt != nil { started = 1 }
        guard new.hasEnded, !old.hasEnded else { return }
        completed = 1
        switch new.detail {
        case .executionTimedOut: executionTimedOut = 1
        case .deliveryTimedOut: deliveryTimedOut = 1
        case .cancelled, .terminated: cancelled = 1
        case .undeliverable: undelivered = 1
        case .failed, .nodeRebooted, .supervisorLost, .unreachable, .nodeLost: failed = 1
        case .success, .pending, .inProgress, .cancelling: break
        }
    }
}
