package import Store

/// How an asynchronous invocation went.
package enum FunctionInvocationOutcome: Sendable, Hashable {
    /// The function ran to its end without an error.
    case succeeded
    /// The function was started and failed, timed out, or its end is not known. It is retried twice, after one and two minutes.
    case failed(reason: String)
    /// The function was not started: no room, throttled, not ready yet. It is retried for hours.
    case notStarted(reason: String)
    /// There is no such function, or it may not be invoked: never retried.
    case refused(reason: String)
}

/// Invokes functions for events: the seam between deliveries and the pool of runtime processes.
package protocol FunctionInvoker: Sendable {
    /// Runs a function once and tells how it went.
    ///
    /// - Parameters:
    ///   - arn: the function's ARN, perhaps with a version or alias.
    ///   - account: on whose behalf; the same as the ARN's.
    ///   - payload: the event as JSON text.
    ///   - requestID: the invocation's `AwsRequestId`, the same at each retry.
    func invokeForEvent(function arn: String, account: String, payload: [UInt8], requestID: String) async -> FunctionInvocationOutcome

    /// The queue for events that the function failed at for good (`DeadLetterConfig`); nil without one. Answers from memory.
    func deadLetterQueue(function arn: String, account: String) -> QueueName?
}

extension FunctionInvoker {
    /// Functions without dead-letter queues.
    package func deadLetterQueue(function arn: String, account: String) -> QueueName? { nil }
}
