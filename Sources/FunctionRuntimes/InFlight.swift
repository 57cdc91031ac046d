import TimeSource

/// One invocation on its way through one process.
final class InFlight: Sendable {
    /// The event.
    let invocation: FunctionInvocation
    /// When the process got the event; nil when it never will.
    let delivered = Latch<MonotonicInstant?>()
    /// What came of it.
    let answer = Latch<TimedAnswer>()

    /// An invocation that no process has yet.
    init(_ invocation: FunctionInvocation) {
        self.invocation = invocation
    }

    /// Settles the invocation; the first answer wins.
    func settle(_ answer: ProcessAnswer, at now: MonotonicInstant) {
        self.answer.resolve(TimedAnswer(answer: answer, at: now))
        delivered.resolve(nil)
    }
}

/// What came of an invocation, and when.
struct TimedAnswer: Sendable {
    /// The answer.
    var answer: ProcessAnswer
    /// When it was known.
    var at: MonotonicInstant
}

/// What a process, or its fate, answers to an invocation.
enum ProcessAnswer: Sendable, Equatable {
    /// The function returned.
    case response([UInt8])
    /// The function returned more than it may.
    case oversizedResponse
    /// The function failed, with the error object it posted.
    case error(FunctionErrorKind, type: String?, payload: [UInt8])
    /// The process said that it cannot start.
    case initError(type: String?, payload: [UInt8])
    /// The function took too long and was killed.
    case timedOut
    /// The process took too long to come up and was killed.
    case initTimedOut
    /// The process ended with the event in hand.
    case exited(ProcessExit)
    /// The process ended before it asked for an event.
    case initExited(ProcessExit)
    /// The process was not started.
    case notStarted(StartFailure)
    /// The process ended, through no fault of the event, before it got it: another process may have it.
    case neverSeen
}
