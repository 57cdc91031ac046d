import Glibc

/// The machine's own clocks.
package struct LiveClock: ClockSource {
    /// The machine's clocks; all values of this type are alike.
    package init() {}

    /// `CLOCK_REALTIME`, rounded down to milliseconds.
    package var now: Timestamp {
        let time = Self.read(CLOCK_REALTIME)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// `CLOCK_BOOTTIME`, which counts on while the machine is suspended.
    package var monotonic: MonotonicInstant {
        let time = Self.read(CLOCK_BOOTTIME)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Waits on the standard library's continuous clock, and again when that wakes too early.
    package func sleep(until deadline: MonotonicInstant) async throws {
        try Task.checkCancellation()
        while true {
            let rest = deadline - monotonic
            guard rest > .zero else { return }
            // A day at most, so that a deadline far away does not overflow the runtime's own arithmetic.
            try await Task.sleep(for: min(rest, Duration.seconds(86_400)), tolerance: nil, clock: .continuous)
        }
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else {
            preconditionFailure("clock_gettime fails only for clocks that the kernel lacks; Linux has had both since 2.6.39")
        }
        return time
    }
}
