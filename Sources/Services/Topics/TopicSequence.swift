import Synchronization
import TimeSource

/// The sequence numbers of FIFO topics: 20 digits, ascending, also across restarts, as engine time never goes back.
final class TopicSequence: Sendable {
    private let last = Mutex<Int64>(0)

    /// The next number.
    /// - Parameter now: engine time.
    func next(_ now: Timestamp) -> String {
        // A million numbers a millisecond; more than that borrow from the next one.
        let number = last.withLock { last in
            last = max(last + 1, now.milliseconds << 20)
            return last
        }
        let digits = String(number)
        return "1" + String(repeating: "0", count: max(0, 19 - digits.count)) + digits
    }
}
