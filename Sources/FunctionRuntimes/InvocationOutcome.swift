/// How an invocation ended.
package enum InvocationOutcome: Sendable, Equatable {
    /// The function returned; the payload is what it posted, JSON text for all common runtimes.
    case success(payload: [UInt8])
    /// The function, or its runtime, reported an error; the payload is the JSON object it posted.
    case functionError(FunctionErrorKind, payload: [UInt8])
    /// The function did not answer in time and was killed.
    case timedOut(payload: [UInt8])
    /// The process ended before it answered, killed for its memory use included.
    case runtimeExited(payload: [UInt8])
    /// The process did not come up: its code cannot be loaded, it ended or took too long.
    case initError(payload: [UInt8])
    /// Nothing was started, because a limit is reached.
    case throttled(ThrottleReason)
    /// Nothing was started, because this server cannot run the function; the text says what to do about it.
    case unavailable(message: String)

    /// What Invoke answers in its body: the function's answer or the error object; nil where the call itself fails.
    package var payload: [UInt8]? {
        switch self {
        case .success(let payload), .functionError(_, let payload), .timedOut(let payload), .runtimeExited(let payload),
            .initError(let payload):
            payload
        case .throttled, .unavailable: nil
        }
    }

    /// The value of Invoke's `X-Amz-Function-Error` header, nil when the function succeeded or was not run.
    package var functionError: FunctionErrorKind? {
        switch self {
        case .success, .throttled, .unavailable: nil
        case .functionError(let kind, _): kind
        case .timedOut, .runtimeExited, .initError: .unhandled
        }
    }

    /// Whether the function's code may have seen the event. When it did not, the event may be sent again without a thought.
    package var mayHaveRun: Bool {
        switch self {
        case .success, .functionError, .timedOut, .runtimeExited: true
        case .initError, .throttled, .unavailable: false
        }
    }
}

/// The two values of `X-Amz-Function-Error`.
package enum FunctionErrorKind: String, Sendable {
    /// The function said itself that it handled the error; only runtimes of old say so.
    case handled = "Handled"
    /// Any other error.
    case unhandled = "Unhandled"
}

/// Why Invoke answers `TooManyRequestsException`; spelled as its `Reason`.
package enum ThrottleReason: String, Sendable {
    /// As many processes of the function run as are reserved for it.
    case reservedConcurrency = "ReservedFunctionConcurrentInvocationLimitExceeded"
    /// As many processes run as this server may have, and too many callers wait, or this one has waited too long.
    case serverConcurrency = "ConcurrentInvocationLimitExceeded"
}
