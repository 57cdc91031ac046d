/// How a message's command ended.
package enum CommandEnd: Hashable, Sendable {
    /// With this exit code.
    case exited(Int32)
    /// By this signal.
    case signalled(Int32)
    /// It could not be started. A hopeless failure (no such program) is the worker's, not the message's.
    case notStarted(reason: String, isHopeless: Bool)
    /// The worker stops and never tried.
    case notTried

    /// Whether the message's work is done.
    package var isSuccess: Bool { self == .exited(0) }

    /// `exit 3`, `signal 9`.
    package var text: String {
        switch self {
        case .exited(let code): "exit \(code)"
        case .signalled(let number): "signal \(number)"
        case .notStarted(let reason, _): "not started: \(reason)"
        case .notTried: "not started"
        }
    }
}
