import Synchronization
import TimeSource

/// The `Date` header's value, made once a second.
final class HTTPDateCache: Sendable {
    private let clock: any ClockSource
    private let last = Mutex<(second: Int64, text: String)>((.min, ""))

    /// Dates of this clock.
    init(clock: any ClockSource) {
        self.clock = clock
    }

    /// The present time as an HTTP date.
    var text: String {
        let now = clock.now
        return last.withLock { last in
            if last.second != now.seconds { last = (now.seconds, now.httpDate) }
            return last.text
        }
    }
}
