import Store
import TimeSource

/// Everything under the engine's lock.
struct QueueState {
    /// When a queue is to be looked at because somebody waits there.
    struct Alarm: Comparable {
        /// When, in engine time.
        let at: Timestamp
        /// The queue's id.
        let queue: Int64

        /// The order of the heap.
        static func < (left: Alarm, right: Alarm) -> Bool { left.at < right.at }
    }

    /// What is done after the lock is released.
    enum Wake: Sendable {
        /// A consumer has its outcome.
        case consumer(CheckedContinuation<ReceiveOutcome, Never>, ReceiveOutcome)
        /// A caller that waits for a queue in memory, or for a batch of its own.
        case loader(CheckedContinuation<QueueError?, Never>, QueueError?)
        /// A sender has its outcome.
        case batch(CheckedContinuation<SendOutcome, Never>, SendOutcome)
        /// A caller with receipt handles has its outcome.
        case receipts(CheckedContinuation<ReceiptOutcome, Never>, ReceiptOutcome)
        /// The clock's loop looks again.
        case clock
        /// The upkeep begins a round.
        case keeper
        /// The move tasks go on.
        case mover

        /// Lets those go on.
        func perform(_ engine: QueueEngine) {
            switch self {
            case .consumer(let continuation, let outcome): continuation.resume(returning: outcome)
            case .loader(let continuation, let error): continuation.resume(returning: error)
            case .batch(let continuation, let outcome): continuation.resume(returning: outcome)
            case .receipts(let continuation, let outcome): continuation.resume(returning: outcome)
            case .clock: engine.clockBell.ring()
            case .keeper: engine.keeperBell.ring()
            case .mover: engine.moverBell.ring()
            }
        }
    }

    /// The queues that exist.
    var directory: QueueDirectory
    /// Queues in memory, by id.
    var live: [Int64: LiveQueue] = [:]
    /// What is purged and may still have rows, by queue.
    var purges: [Int64: Int64]
    /// When each queue was purged last.
    var purgedAt: [Int64: Timestamp] = [:]
    /// The move tasks that are not over, by their ids.
    var moves: [String: LiveMove]
    /// The last place that was given out. Places are given out, and batches handed over, under one lock: so they commit in their order.
    var lastSequence: Int64
    var alarms = BinaryHeap<Alarm>()
    /// The clock's loop looks again at this time.
    var wakesAt = Timestamp(milliseconds: .max)
    /// Consumers that wait, in all.
    var waiting = 0
    /// True when nobody is let in to wait any more.
    var isClosed = false
    /// Who goes on when the lock is released.
    var wakes: [Wake] = []
    /// The room for contents.
    let budget: ByteBudget

    /// A new place.
    mutating func nextSequence(at now: Timestamp) -> Int64 {
        lastSequence = MessageSequence.next(after: lastSequence, at: now)
        return lastSequence
    }

    /// Lets a consumer go that waits at a queue.
    mutating func dismiss(_ consumer: Consumer, _ outcome: ReceiveOutcome) {
        wakes.append(.consumer(consumer.continuation, outcome))
    }
}
