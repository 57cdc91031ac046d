/// How a function took a batch of an event source.
package enum EventSourceOutcome: Sendable, Hashable {
    /// It ran to its end; the payload is what it answered.
    case succeeded(payload: [UInt8])
    /// It was started and failed.
    case failed(reason: String)
    /// It was not started for now: no room, a limit, the server is held.
    case notStarted(reason: String)
    /// There is no such function any more.
    case missing
}

/// Invokes functions with batches: the seam between event sources and the pool of runtime processes.
package protocol EventSourceInvoker: Sendable {
    /// Whether there is such a function. Answers from memory.
    func exists(function arn: String, account: String) -> Bool

    /// Runs a function once, and answers when it has ended.
    /// - Parameter payload: the event as JSON text.
    func invoke(function arn: String, account: String, payload: [UInt8], requestID: String) async -> EventSourceOutcome
}
