import AWSProtocols
import Logging
import TimeSource

/// What is logged of a request: failures, with the facts that find the cause, and never a payload.
struct RequestLog {
    private let logger: Logger
    private let requestID: String
    private let method: String
    private let path: String
    private let startedAt: MonotonicInstant
    /// The service's name in signatures, as soon as it is known.
    var service: String?
    /// The operation's name, as soon as it is known.
    var operation: String?

    /// The log of a request that begins.
    init(logger: Logger, requestID: String, head: WireRequest, startedAt: MonotonicInstant) {
        self.logger = logger
        self.requestID = requestID
        method = head.method
        path = head.path
        self.startedAt = startedAt
    }

    /// The client was answered with an error.
    func fail(_ error: APIError, status: Int? = nil, at now: MonotonicInstant) {
        let status = status ?? error.httpStatus ?? 400
        logger.log(
            level: status < 500 || status == 501 ? .info : .error, "request failed",
            metadata: facts(at: now).merging(["code": "\(error.code)", "status": "\(status)"]) { _, new in new })
    }

    /// A handler threw what it should not have.
    func fail(unexpected error: any Error, at now: MonotonicInstant) {
        logger.error(
            "request failed unexpectedly",
            metadata: facts(at: now).merging(["error": "\(error)", "status": "500"]) { _, new in new })
    }

    private func facts(at now: MonotonicInstant) -> Logger.Metadata {
        var facts: Logger.Metadata = [
            "request-id": "\(requestID)", "method": "\(method)", "path": "\(path)",
            "milliseconds": "\((now - startedAt).wholeMilliseconds)",
        ]
        if let service { facts["service"] = "\(service)" }
        if let operation { facts["operation"] = "\(operation)" }
        return facts
    }
}
