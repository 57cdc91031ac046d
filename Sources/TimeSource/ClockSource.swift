/// Where the product gets its time from: the only way to read a clock or to wait.
///
/// `LiveClock` is the machine's clock. `ManualClock` stands still until a test moves it. Schedules and timestamps that users see
/// come from `now`; durations are measured with `monotonic`.
package protocol ClockSource: Sendable {
    /// The wall clock, which may be set back or forth by the machine's operator.
    var now: Timestamp { get }

    /// The monotonic clock, which never goes back.
    var monotonic: MonotonicInstant { get }

    /// Returns once the monotonic clock has reached `deadline`, at once when it already has.
    /// - Throws: `CancellationError` when the task is cancelled before that.
    func sleep(until deadline: MonotonicInstant) async throws
}

extension ClockSource {
    /// Returns after `duration`, measured on the monotonic clock.
    /// - Throws: `CancellationError` when the task is cancelled before that.
    package func sleep(for duration: Duration) async throws {
        try await sleep(until: monotonic + duration)
    }
}
