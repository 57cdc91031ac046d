/// An error that an AWS client is meant to see: code, message and members, to be rendered in the protocol of its service.
package struct APIError: Error, Sendable, Equatable {
    /// The error's name in the model (`ExecutionDoesNotExist`) or its code on the wire (`InvalidParameter`); codecs know both.
    package var code: String
    /// What went wrong, in AWS's words where they are known. Names the resource, never its payload.
    package var message: String
    /// Members beside the message, such as `resourceName` or `Reason`.
    package var fields: APIStructure
    /// The HTTP status; nil takes the one of the model's error trait, else 400.
    package var httpStatus: Int?
    /// For throttling and unavailability: the whole seconds after which a client may try again (`Retry-After`).
    package var retryAfterSeconds: Int?

    /// An error of this code and message.
    package init(
        _ code: String, _ message: String, fields: APIStructure = [:], httpStatus: Int? = nil, retryAfterSeconds: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.fields = fields
        self.httpStatus = httpStatus
        self.retryAfterSeconds = retryAfterSeconds
    }
}

/// The errors that all services share (AWS documents them under "Common Errors").
extension APIError {
    /// A parameter does not satisfy a constraint: `ValidationException`, 400.
    package static func validation(_ message: String) -> APIError {
        APIError("ValidationException", message, httpStatus: 400)
    }

    /// The request's text cannot be read as what the model says: `SerializationException`, 400.
    package static func serialization(_ message: String) -> APIError {
        APIError("SerializationException", message, httpStatus: 400)
    }

    /// A defect of the server: `InternalFailure`, 500. The message is for the log too, and holds no secrets.
    package static func internalFailure(_ message: String = "The request processing has failed because of an unknown error.")
        -> APIError
    {
        APIError("InternalFailure", message, httpStatus: 500)
    }

    /// The caller may not do this: `AccessDeniedException`.
    package static func accessDenied(_ message: String) -> APIError {
        APIError("AccessDeniedException", message)
    }

    /// AWS has no such operation: `UnknownOperationException`.
    package static func unknownOperation(_ message: String = "") -> APIError {
        APIError("UnknownOperationException", message)
    }

    /// AWS has the operation, Nightshift does not: `UnsupportedOperation`, 501.
    package static func unsupportedOperation(service: String, operation: String) -> APIError {
        APIError(
            "UnsupportedOperation", "The operation \(operation) of \(service) is not supported by Nightshift yet.",
            httpStatus: 501)
    }

    /// Too many requests: `ThrottlingException`, 400, to be tried again after that many seconds.
    package static func throttling(_ message: String = "Rate exceeded", retryAfterSeconds: Int? = nil) -> APIError {
        APIError("ThrottlingException", message, httpStatus: 400, retryAfterSeconds: retryAfterSeconds)
    }

    /// The server cannot answer now: `ServiceUnavailable`, 503.
    package static func serviceUnavailable(_ message: String, retryAfterSeconds: Int? = nil) -> APIError {
        APIError("ServiceUnavailable", message, httpStatus: 503, retryAfterSeconds: retryAfterSeconds)
    }

    /// The body is larger than the service takes: `RequestEntityTooLargeException`, 413.
    package static func requestTooLarge(limit: Int) -> APIError {
        APIError(
            "RequestEntityTooLargeException", "Request must be smaller than \(limit) bytes for this operation",
            httpStatus: 413)
    }
}
