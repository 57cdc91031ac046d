/// What came of an invocation, and what it cost.
package struct InvocationResult: Sendable {
    /// How it ended.
    package var outcome: InvocationOutcome
    /// The last 4 KB of its log, for Invoke's `LogResult` (which is the Base64 of it); empty when nothing was run.
    package var logTail: [UInt8]
    /// The figures of its REPORT line; nil when nothing was run.
    package var report: InvocationReport?

    /// A result of an invocation that no process saw.
    package init(_ outcome: InvocationOutcome) {
        self.init(outcome: outcome, logTail: [], report: nil)
    }

    /// A result with the log and figures of an invocation that a process was started for.
    package init(outcome: InvocationOutcome, logTail: [UInt8], report: InvocationReport?) {
        self.outcome = outcome
        self.logTail = logTail
        self.report = report
    }
}

/// The figures of an invocation's REPORT line.
package struct InvocationReport: Sendable, Equatable {
    /// From the event's delivery to the answer, or the end.
    package var duration: Duration
    /// How long the process took to ask for its first event; nil for a warm process.
    package var initDuration: Duration?
    /// The function's memory limit in MB.
    package var memorySize: Int
    /// The most memory the process had resident so far, in MB, rounded up; 0 when it ended too soon to be looked at.
    package var maxMemoryUsed: Int
    /// How it failed, if it did.
    package var failure: Failure?

    /// The failures that a REPORT line tells of.
    package enum Failure: Sendable, Equatable {
        /// The function was killed at its timeout.
        case timeout
        /// The process failed; the type is AWS's, such as `Runtime.ExitError`.
        case error(type: String)
    }

    /// The duration rounded up to whole milliseconds, one at least.
    package var billedDuration: Duration {
        let nanoseconds = duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
        return .milliseconds(max(1, (nanoseconds + 999_999) / 1_000_000))
    }
}
