import Logging
import StatesInterpreter
import Store
import Synchronization
import TimeSource

/// The deliveries of one kind: attempts them, a bounded number side by side, and writes down how each went.
///
/// Only ids wait in memory, and no more than `capacity`; what does not fit is read again from the database when there is room.
final class DeliveryLane: Sendable {
    private struct State {
        /// What waits or runs.
        var known: Set<String> = []
        /// The smallest id that was due and not taken; everything due from there on may be missing in memory.
        var missed: String? = ""
        var isStopping = false
    }

    let performer: any DeliveryPerformer
    private let database: any Database
    private let queues: (any QueueSender)?
    private let clock: EngineClock
    private let logger: Logger
    private let capacity: Int
    private let jobs: TaskQueue
    private let postponed: @Sendable (DeliveryStore.DuePosition, DeliveryLane) -> Void
    private let hasRoom: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - capacity: how many ids wait in memory at most.
    ///   - queues: takes dead letters; nil where there are no queues.
    ///   - postponed: called after a delivery's next attempt was committed.
    ///   - hasRoom: called when `refill` would find room again for what was missed.
    init(
        performer: any DeliveryPerformer, capacity: Int, database: any Database, queues: (any QueueSender)?, clock: EngineClock,
        logger: Logger, postponed: @escaping @Sendable (DeliveryStore.DuePosition, DeliveryLane) -> Void,
        hasRoom: @escaping @Sendable () -> Void
    ) {
        self.performer = performer
        self.capacity = capacity
        self.database = database
        self.queues = queues
        self.clock = clock
        self.logger = logger
        self.postponed = postponed
        self.hasRoom = hasRoom
        jobs = TaskQueue(limit: performer.concurrency)
    }

    /// Whether something due may be missing in memory.
    var hasMissed: Bool { state.withLock { $0.missed != nil } }

    /// Takes a delivery that is committed and due. Taking one twice does no harm.
    func add(_ id: String) {
        let isNew = state.withLock { state in
            guard !state.isStopping, !state.known.contains(id) else { return false }
            guard state.known.count < capacity else {
                DeliveryLane.miss(id, &state)
                return false
            }
            state.known.insert(id)
            return true
        }
        if isNew { jobs.submit { await self.deliver(id) } }
    }

    /// Reads what was missed, when there is room for it.
    func refill() async throws {
        let first = state.withLock { state -> String? in
            guard state.known.count <= capacity / 2 else { return nil }
            defer { state.missed = nil }
            return state.missed
        }
        guard let first else { return }
        let now = clock.now.engine
        do {
            let ids = try await database.read { [kind = performer.kind, capacity] in
                try DeliveryStore.backlog(kind: kind, from: first, now: now, limit: capacity, in: $0)
            }
            for id in ids { add(id) }
            if ids.count == capacity, let last = ids.last { state.withLock { DeliveryLane.miss(last, &$0) } }
        } catch {
            state.withLock { DeliveryLane.miss(first, &$0) }
            throw error
        }
    }

    /// Attempts deliveries until `stop()`, and then ends with the attempts that are under way.
    func run() async {
        await jobs.run()
    }

    /// Begins no more attempts.
    func stop() {
        state.withLock { $0.isStopping = true }
        jobs.finish()
    }

    /// Decides about a delivery whose attempt an earlier server began.
    func recover(_ record: DeliveryRecord) async {
        await settle(record, performer.unknownOutcome(of: record, now: clock.now.engine))
    }

    private func deliver(_ id: String) async {
        let record: DeliveryRecord?
        do {
            record = state.withLock { $0.isStopping } ? nil : try await claim(id)
        } catch {
            logger.error("a delivery cannot be read; trying again", metadata: ["delivery": "\(id)", "error": "\(error)"])
            forget(id, isMissed: true)
            return
        }
        guard let record else { return forget(id) }
        let outcome = await performer.perform(record, now: clock.now.engine)
        // What a shutdown cut off is no failure: the row stays as it is, and the next start decides as after a crash.
        if Task.isCancelled, outcome != .delivered { return forget(id) }
        await settle(record, outcome)
    }

    /// The delivery, when it is still there and due; an unrepeatable one is marked as started, durably.
    private func claim(_ id: String) async throws -> DeliveryRecord? {
        let now = clock.now.engine
        switch performer.effectClass {
        case .deduplicated:
            return try await database.read { try DeliveryStore.due(id, now: now, in: $0) }
        case .unrepeatable:
            guard let result = try await database.apply([DeliveryStore.start(id, now: now)]).first else { return nil }
            return try DeliveryStore.started(result)
        }
    }

    private func settle(_ record: DeliveryRecord, _ outcome: DeliveryOutcome) async {
        let now = clock.now
        switch outcome.withDeadLetter(of: record) {
        case .delivered:
            await write([DeliveryStore.complete(record.id)], of: record)
            forget(record.id)
        case .settled: forget(record.id)
        case .tryAgain(let delay, let reason):
            logger.log(
                level: record.attempts == 0 ? .warning : .debug, "a delivery failed and is tried again",
                metadata: metadata(record, reason))
            await postpone(record, until: now.engine + delay, failedAttempts: 1, reason: reason)
        case .postponed(let delay, let reason):
            logger.debug("a delivery waits", metadata: metadata(record, reason))
            await postpone(record, until: now.engine + delay, failedAttempts: 0, reason: reason)
        case .failed(let reason):
            logger.error("a delivery failed for good", metadata: metadata(record, reason))
            await write(DeliveryStore.fail(record, reason: reason, failedAt: now.wall), of: record)
            forget(record.id)
        case .deadLettered(let message, let reason):
            logger.error("a delivery failed and goes to its dead-letter queue", metadata: metadata(record, reason))
            if let refusal = await bury(record, message) {
                let reason = "\(reason) The dead-letter queue did not take it: \(refusal)"
                logger.error("a delivery failed for good", metadata: metadata(record, reason))
                await write(DeliveryStore.fail(record, reason: reason, failedAt: now.wall), of: record)
            }
            forget(record.id)
        }
    }

    /// Puts the message about a delivery into its dead-letter queue in the transaction that ends the delivery.
    /// - Returns: why the queue does not take it, nil when it did.
    private func bury(_ record: DeliveryRecord, _ message: OutgoingMessage) async -> String? {
        guard let queues else { return "there are no queues" }
        while true {
            do throws(QueueError) {
                _ = try await queues.send([message], with: [DeliveryStore.completeOnce(record.id)])
                return nil
            } catch {
                switch error {
                // Ended already: by this very transaction, whose answer was lost.
                case .store(let failure) where failure.code == .conflict: return nil
                // The next server finds the delivery as it is.
                case .store(let failure) where failure.code == .closed || failure.code == .fenced: return nil
                case .shuttingDown: return nil
                case .store(let failure):
                    logger.error("a dead letter cannot be written; trying again", metadata: metadata(record, "\(failure)"))
                default: return "\(error)"
                }
            }
            guard (try? await clock.sleep(for: .seconds(1))) != nil else { return nil }
        }
    }

    private func postpone(_ record: DeliveryRecord, until nextAt: Timestamp, failedAttempts: Int, reason: String) async {
        await write(
            [DeliveryStore.postpone(record.id, until: nextAt, failedAttempts: failedAttempts, reason: reason)], of: record)
        forget(record.id)
        postponed(DeliveryStore.DuePosition(nextAt: nextAt, id: record.id), self)
    }

    /// Writes an outcome down, and waits for the database when it must: forgetting an outcome would repeat the delivery.
    private func write(_ batch: [Statement], of record: DeliveryRecord) async {
        while true {
            do {
                try await database.apply(batch)
                return
            } catch {
                switch error.code {
                case .conflict, .closed, .fenced: return
                case .full, .unavailable, .corrupted, .newerSchema, .invalidStatement:
                    logger.error("the outcome of a delivery cannot be written; trying again", metadata: metadata(record, "\(error)"))
                }
            }
            guard (try? await clock.sleep(for: .seconds(1))) != nil else { return }
        }
    }

    private func forget(_ id: String, isMissed: Bool = false) {
        let wantsRefill = state.withLock { state in
            state.known.remove(id)
            if isMissed { DeliveryLane.miss(id, &state) }
            // After an error the loop's own pause is the wait before the next try.
            return !isMissed && state.missed != nil && state.known.count <= capacity / 2
        }
        if wantsRefill { hasRoom() }
    }

    private static func miss(_ id: String, _ state: inout State) {
        state.missed = min(state.missed ?? id, id)
    }

    private func metadata(_ record: DeliveryRecord, _ reason: String) -> Logger.Metadata {
        [
            "delivery": "\(record.id)", "kind": "\(record.kind)", "account": "\(record.account)",
            "attempt": "\(record.attempts + 1)", "reason": "\(reason)",
        ]
    }
}
