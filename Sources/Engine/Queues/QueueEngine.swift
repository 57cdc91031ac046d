package import Logging
import ServiceLifecycle
import StatesInterpreter
package import Store
import Synchronization
package import TimeSource

/// The queues: everything that is sent, received, deleted or moved goes through it, and is durable before it is answered.
///
/// Memory is a window of the tables (`LiveQueue`) under one lock. Batches are handed to the database under that lock, and change memory
/// when they are committed. `docs/architecture/queues.md` tells the way of a message.
package final class QueueEngine: Service {
    /// How much is in memory, and how many may wait.
    package struct Limits: Sendable {
        /// Of each queue.
        package var queue = QueueWindowLimits()
        /// Consumers that wait, in all.
        package var consumers = 50_000
        /// Bytes of message bodies in memory, in all.
        package var bytes = 64 << 20
        /// Queues in memory before those not used for a while are dropped.
        package var queues = 1_024
        /// Rows that one step of upkeep deletes.
        package var prune = 1_000

        /// The limits of a server.
        package init() {}
    }

    /// How long ago a purge must be for another one (PurgeQueue, Amazon SQS API Reference).
    static let purgeInterval = Duration.seconds(60)

    /// The server's region, in the ARNs of its queues.
    package let region: String
    /// Where the queues are.
    let database: any Database
    /// Both times.
    let clock: EngineClock
    /// Message ids and ids of tasks.
    let identifiers: IdentifierSource
    /// Nonces of receives.
    let random: any RandomSource
    /// Whether what moves by itself waits.
    package let hold: HoldGate
    /// The log.
    let logger: Logger
    /// How much is in memory.
    let limits: Limits
    /// Rung when a queue is to be looked at earlier.
    let clockBell = Doorbell()
    /// Rung when rows are to be deleted.
    let keeperBell = Doorbell()
    /// Rung when a move task may go on.
    let moverBell = Doorbell()
    /// Reads of windows.
    let reads = TaskQueue(limit: 4)
    /// Numbers of consumers.
    let numbers = Atomic<Int>(0)
    private let state: Mutex<QueueState>

    /// An engine over what `load` read.
    init(
        region: String, database: any Database, clock: EngineClock, identifiers: IdentifierSource, random: any RandomSource, hold: HoldGate,
        logger: Logger, limits: Limits, records: [QueueRecord], purges: [QueuePurgeStore.Purge], moves: [MessageMoveTask],
        lastSequence: Int64
    ) {
        self.region = region
        self.database = database
        self.clock = clock
        self.identifiers = identifiers
        self.random = BufferedRandomSource(random)
        self.hold = hold
        self.logger = logger
        self.limits = limits
        state = Mutex(
            QueueState(
                directory: QueueDirectory(records), purges: Dictionary(purges.map { ($0.queue, $0.upTo) }) { max($0, $1) },
                moves: Dictionary(moves.map { ($0.id, LiveMove(task: $0)) }) { first, _ in first }, lastSequence: lastSequence,
                budget: ByteBudget(limit: limits.bytes)))
    }

    /// The engine over the queues of a database. It does nothing by itself before `run()`, and reads no queue.
    package static func load(
        from database: any Database, region: String, clock: EngineClock, identifiers: IdentifierSource, random: any RandomSource,
        hold: HoldGate = HoldGate(), limits: Limits = Limits(), logger: Logger
    ) async throws -> QueueEngine {
        let (records, purges, moves, last) = try await database.read { transaction in
            let records = try QueueStore.all(in: transaction)
            // Places must grow even when the clock was set back while the server was down.
            var last: Int64 = 0
            for record in records {
                last = max(
                    last, record.id, try QueueMessageStore.lastSequence(of: record.id, in: transaction) ?? 0,
                    try QueueDeduplicationStore.lastSequence(of: record.id, in: transaction) ?? 0)
            }
            // Nor may a new queue get the id of a deleted one whose rows are still being deleted.
            let purges = try QueuePurgeStore.all(in: transaction)
            last = purges.reduce(last) { max($0, $1.queue) }
            return (records, purges, try MessageMoveTaskStore.unfinished(in: transaction), last)
        }
        return QueueEngine(
            region: region, database: database, clock: clock, identifiers: identifiers, random: random, hold: hold, logger: logger,
            limits: limits, records: records, purges: purges, moves: moves, lastSequence: last)
    }

    /// Lets waiting consumers go in time, deletes what is over and moves what is to be moved, until the server stops.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.followClock() }
                group.addTask { await self.reads.run() }
                group.addTask { await self.keepUp() }
                group.addTask { await self.moveMessages() }
            }
        }
        close()
    }

    /// Lets all who wait go, and takes none any more. What is sent and deleted is still taken.
    private func close() {
        locked { state in
            state.isClosed = true
            state.waiting = 0
            for queue in state.live.values {
                for consumer in queue.consumers.removeAll() { state.dismiss(consumer, .none) }
                for loader in queue.loaders { state.wakes.append(.loader(loader, .shuttingDown)) }
                queue.loaders = []
            }
        }
    }

    /// How many consumers wait.
    package var waitingConsumers: Int { locked { $0.waiting } }

    // MARK: The lock

    /// Runs `body` with the lock held, and afterwards wakes those whom it lets go on.
    func locked<Value: Sendable>(_ body: (inout QueueState) -> Value) -> Value {
        let (value, wakes) = state.withLock { state in
            let value = body(&state)
            let wakes = state.wakes
            if !wakes.isEmpty { state.wakes = [] }
            return (value, wakes)
        }
        for wake in wakes { wake.perform(self) }
        return value
    }

    /// Hands a batch to the database, with the lock held; `finish` is called with it held once the batch is durable or has failed.
    func handOver(
        _ statements: [Statement], _ state: inout QueueState,
        finish: @escaping @Sendable (QueueEngine, inout QueueState, StoreError?, [StatementResult]) -> Void
    ) {
        let relay = BatchRelay()
        database.apply(statements) { result in
            guard relay.isForLater(result) else { return }
            self.locked { finish(self, &$0, result.failure, result.results) }
        }
        // A closed database answers at once, on this thread, which holds the lock.
        if let result = relay.handedOver() { finish(self, &state, result.failure, result.results) }
    }
}

/// Decides who goes on with the result of a batch: its completion, or the thread that hands it over when it still does.
private final class BatchRelay: Sendable {
    typealias Outcome = Result<[StatementResult], StoreError>

    private enum Phase {
        case handing
        case handed
        case answered(Outcome)
    }

    private let phase = Mutex(Phase.handing)

    /// True when the completion is to go on.
    func isForLater(_ outcome: Outcome) -> Bool {
        phase.withLock { phase in
            if case .handed = phase { return true }
            phase = .answered(outcome)
            return false
        }
    }

    /// The batch is handed over; its result if it was answered by then.
    func handedOver() -> Outcome? {
        phase.withLock { phase in
            if case .answered(let outcome) = phase { return outcome }
            phase = .handed
            return nil
        }
    }
}

extension Result<[StatementResult], StoreError> {
    fileprivate var failure: StoreError? { if case .failure(let error) = self { error } else { nil } }
    fileprivate var results: [StatementResult] { if case .success(let results) = self { results } else { [] } }
}
