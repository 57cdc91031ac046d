/// One event for a function.
package struct FunctionInvocation: Sendable {
    /// The id of the invocation, which the function sees, and which its log lines carry. A repeated attempt keeps it.
    package var requestID: String
    /// The event, JSON text of at most 6 MB; the caller has checked both.
    package var payload: [UInt8]
    /// The ARN that the caller named, with its qualifier if it gave one; nil means the function's own.
    package var invokedARN: String?
    /// The decoded JSON text of the `X-Amz-Client-Context` header, if there was one.
    package var clientContext: String?
    /// The value of the `X-Amzn-Trace-Id` header; nil means that the pool makes one up, not sampled.
    package var traceID: String?

    /// An event without client context or trace.
    package init(
        requestID: String,
        payload: [UInt8],
        invokedARN: String? = nil,
        clientContext: String? = nil,
        traceID: String? = nil
    ) {
        self.requestID = requestID
        self.payload = payload
        self.invokedARN = invokedARN
        self.clientContext = clientContext
        self.traceID = traceID
    }
}
