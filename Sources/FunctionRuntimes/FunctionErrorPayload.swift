import JSONCore

/// The error objects that Lambda itself makes, where the function has none to give.
enum FunctionErrorPayload {
    /// `{"errorType": …, "errorMessage": …}`.
    static func make(type: String, message: String) -> [UInt8] {
        JSONWriter.bytes(of: ["errorType": .text(type), "errorMessage": .text(message)])
    }

    /// The process ended by itself or by a signal.
    static func exited(requestID: String, _ exit: ProcessExit) -> [UInt8] {
        make(type: "Runtime.ExitError", message: exitMessage(requestID: requestID, exit))
    }

    /// The sentence of `exited`, which also stands in the log.
    static func exitMessage(requestID: String, _ exit: ProcessExit) -> String {
        "RequestId: \(requestID) Error: \(exit.sentence)"
    }

    /// The answer was longer than 6 MB.
    static func responseTooLarge() -> [UInt8] {
        make(
            type: "Function.ResponseSizeTooLarge",
            message: "Response payload size exceeded maximum allowed payload size (\(RuntimeAPIRequest.maximumPayload) bytes).")
    }
}

/// How a process ended.
enum ProcessExit: Sendable, Equatable {
    /// It ended itself with that status.
    case status(Int32)
    /// A signal of that number ended it.
    case signal(Int32)

    /// Lambda's words for it.
    var sentence: String {
        switch self {
        case .status(0): "Runtime exited without providing a reason"
        case .status(let status): "Runtime exited with error: exit status \(status)"
        case .signal(let signal): "Runtime exited with error: signal: \(Self.name(of: signal))"
        }
    }

    /// The words that Lambda, a Go program, has for signals.
    private static func name(of signal: Int32) -> String {
        switch signal {
        case 1: "hangup"
        case 2: "interrupt"
        case 3: "quit"
        case 4: "illegal instruction"
        case 5: "trace/breakpoint trap"
        case 6: "aborted"
        case 7: "bus error"
        case 8: "floating point exception"
        case 9: "killed"
        case 11: "segmentation fault"
        case 13: "broken pipe"
        case 14: "alarm clock"
        case 15: "terminated"
        default: "signal \(signal)"
        }
    }
}
