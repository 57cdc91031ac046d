/// An instant of a clock that never goes back and keeps counting while the machine sleeps (`CLOCK_BOOTTIME`).
///
/// It means something only within one process and one boot; it is never stored. Timeouts, heartbeats and back-off are
/// measured with it, so that setting the wall clock neither shortens nor lengthens them.
package struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary origin, the machine's start on a live clock.
    package var nanoseconds: Int64

    /// The instant that many nanoseconds after the clock's origin.
    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Whether the left instant is earlier.
    package static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant `duration` later, or the last one there is when that is past what 64 bits hold.
    package static func + (instant: MonotonicInstant, duration: Duration) -> MonotonicInstant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        return MonotonicInstant(nanoseconds: overflow ? .max : sum)
    }

    /// The time from the right instant to the left one.
    package static func - (later: MonotonicInstant, earlier: MonotonicInstant) -> Duration {
        .nanoseconds(later.nanoseconds - earlier.nanoseconds)
    }
}
