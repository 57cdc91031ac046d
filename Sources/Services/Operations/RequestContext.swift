package import Logging
package import TimeSource

/// What a handler knows of the request beside its input.
package struct RequestContext: Sendable {
    /// The id that the answer carries as `x-amzn-RequestId`: a UUID.
    package let requestID: String
    /// The caller's account: the tenant that everything in the request belongs to.
    package let account: String
    /// The region that the server answers for, in every ARN it makes.
    package let region: String
    /// Who makes the request.
    package let principal: Principal
    /// When the request arrived, by the wall clock.
    package let receivedAt: Timestamp
    /// The server's base address as the client wrote it, `http://127.0.0.1:7070`: for addresses inside answers, such as queue URLs.
    package let endpoint: String
    /// The component's logger, without the request's id.
    private let componentLogger: Logger
    /// For requests made inside the server that may be made again after a crash: the same each time. Operations that must not be
    /// repeated remember it (core rule 1). Nil for requests of clients.
    package let dedupeKey: String?

    /// A context of these facts.
    package init(
        requestID: String, account: String, region: String, principal: Principal, receivedAt: Timestamp,
        endpoint: String, logger: Logger, dedupeKey: String? = nil
    ) {
        self.requestID = requestID
        self.account = account
        self.region = region
        self.principal = principal
        self.receivedAt = receivedAt
        self.endpoint = endpoint
        componentLogger = logger
        self.dedupeKey = dedupeKey
    }

    /// The request's logger; it carries the request id. Made when it is asked for, as few requests log anything.
    package var logger: Logger {
        var logger = componentLogger
        logger[metadataKey: "request-id"] = "\(requestID)"
        return logger
    }
}
