import Store
import TimeSource

/// What the store refused and nobody else would ask for again: each is tried again after a second, then after two, four, and so on
/// up to a minute.
struct RefusedTurns {
    /// Something that the store refused.
    enum Refused {
        /// The read of an execution; its inputs wait for it.
        case load(ExecutionID)
        /// The turn of an input.
        case input(ExecutionID, HotExecution.PendingInput)
    }

    private var waiting: [(due: MonotonicInstant, refused: Refused)] = []
    private var wakesAt: MonotonicInstant?
    private var failedLoads: [ExecutionID: Int] = [:]

    private static let longestDelay = Duration.seconds(60)

    /// How long to wait after so many refusals, one at least.
    static func delay(after refusals: Int) -> Duration {
        min(longestDelay, .seconds(1 << min(refusals - 1, 6)))
    }

    /// Counts one more failure of reading an execution, and tells how many there were.
    mutating func countFailure(ofLoading id: ExecutionID) -> Int {
        failedLoads[id, default: 0] += 1
        return failedLoads[id, default: 1]
    }

    /// An execution could be read.
    mutating func forgetFailures(ofLoading id: ExecutionID) {
        if !failedLoads.isEmpty { failedLoads[id] = nil }
    }

    /// Adds something to be tried again at an instant. True when somebody has to wake up then.
    mutating func append(_ refused: Refused, due: MonotonicInstant) -> Bool {
        waiting.append((due, refused))
        return wake(at: due)
    }

    /// Takes out what is due, in the order in which it was refused; and tells when to wake up for the rest.
    mutating func takeDue(_ now: MonotonicInstant) -> (due: [Refused], wakesAt: MonotonicInstant?) {
        if let wakesAt, wakesAt <= now { self.wakesAt = nil }
        let due = waiting.filter { $0.due <= now }.map(\.refused)
        waiting.removeAll { $0.due <= now }
        guard let next = waiting.map(\.due).min(), wake(at: next) else { return (due, nil) }
        return (due, next)
    }

    private mutating func wake(at instant: MonotonicInstant) -> Bool {
        guard wakesAt.map({ instant < $0 }) ?? true else { return false }
        wakesAt = instant
        return true
    }
}
