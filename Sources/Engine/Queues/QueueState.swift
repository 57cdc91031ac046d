import Store
import TimeSource

/// Everything under the engine's lock.
struct QueueState {
    /// When a queue is to be looked at because somebody waits there.
    struct Alarm: Comparable {
        let at: Timestamp
        let queue: Int64

        static func < (left: Alarm, right: Alarm) -> Bool { left.at < right.at }
    }

    /// What is done after the lock is released.
    enum Wake: Sendable {
        case consumer(CheckedContinuation<ReceiveOutcome, Never>, ReceiveOutcome)
        case loader(CheckedContinuation<QueueError?, Never>, QueueError?)
        case batch(CheckedContinuation<SendOutcome, Never>, SendOutcome)
        case receipts(CheckedContinuation<ReceiptOutcome, Never>, ReceiptOutcome)
        case clock
        case keeper
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
    var isClosed = false
    var wakes: [Wake] = []
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
