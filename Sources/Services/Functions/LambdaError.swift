import AWSProtocols
import FunctionCode

/// The errors of the Lambda API, with AWS's texts where they are known.
enum LambdaError {
    /// There is no such function, or not this version of it.
    static func functionNotFound(_ arn: String) -> APIError {
        APIError("ResourceNotFoundException", "Function not found: \(arn)")
    }

    /// The name is taken.
    static func functionExists(_ name: String) -> APIError {
        APIError("ResourceConflictException", "Function already exist: \(name)")
    }

    /// The request contradicts what there is.
    static func conflict(_ message: String) -> APIError {
        APIError("ResourceConflictException", message)
    }

    /// Something of a function is not there.
    static func notFound(_ message: String) -> APIError {
        APIError("ResourceNotFoundException", message)
    }

    /// A mapping is on its way to somewhere else; `operation` is what was asked for.
    static func mappingInUse(_ operation: String) -> APIError {
        APIError("ResourceInUseException", "Cannot \(operation) the event source mapping because it is in use.")
    }

    /// A parameter is wrong.
    static func invalidParameter(_ message: String) -> APIError {
        APIError("InvalidParameterValueException", message)
    }

    /// AWS takes this, Nightshift does not yet; the words end in a verb.
    static func unsupported(_ what: String) -> APIError {
        invalidParameter("\(what) not supported by Nightshift yet.")
    }

    /// The body cannot be read.
    static func invalidContent(_ message: String) -> APIError {
        APIError("InvalidRequestContentException", message)
    }

    /// The request's `RevisionId` is not the current one.
    static func wrongRevision(readBy operation: String) -> APIError {
        APIError(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the \(operation) API to retrieve the latest Revision Id")
    }

    /// The event has too many bytes.
    static func payloadTooLarge(_ size: Int, _ type: String, limit: Int) -> APIError {
        APIError(
            "RequestTooLargeException", "\(size) byte payload is too large for the \(type) invocation type (limit \(limit) bytes)")
    }

    /// A limit of concurrency is reached.
    static func throttled(_ reason: String) -> APIError {
        APIError("TooManyRequestsException", "Rate Exceeded.", fields: ["Reason": .string(reason)])
    }

    /// The server cannot run the function; the text says what to do.
    static func service(_ message: String) -> APIError {
        APIError("ServiceException", message)
    }

    /// A number that the model's own constraint lets pass.
    static func tooGreat(_ value: Int64, at path: String, limit: Int64) -> APIError {
        .validation(
            "1 validation error detected: Value '\(value)' at '\(path)' failed to satisfy constraint: Member must have value less than or equal to \(limit)"
        )
    }

    /// Why code was not taken.
    static func code(_ error: CodeError) -> APIError {
        switch error {
        case .empty: invalidParameter("Uploaded file must be a non-empty zip")
        case .unreadable, .unsafe:
            invalidParameter("Could not unzip uploaded file. Please check your file, then try to upload again.")
        case .tooLarge(let limit): invalidParameter("Unzipped size must be smaller than \(limit) bytes")
        case .storage: .serviceUnavailable("The server cannot store the function's code now.", retryAfterSeconds: 5)
        }
    }
}
