import AWSProtocols
import LogStorage

/// The errors of CloudWatch Logs, with AWS's texts where they are known (CloudWatch Logs API Reference, "Errors" of each action).
enum LogsError {
    static func invalidParameter(_ message: String) -> APIError {
        APIError("InvalidParameterException", message)
    }

    static func groupNotFound() -> APIError {
        APIError("ResourceNotFoundException", "The specified log group does not exist.")
    }

    static func streamNotFound() -> APIError {
        APIError("ResourceNotFoundException", "The specified log stream does not exist.")
    }

    static func resourceNotFound() -> APIError {
        APIError("ResourceNotFoundException", "The specified resource does not exist.")
    }

    static func tooManyTags(_ arn: String) -> APIError {
        APIError(
            "TooManyTagsException", "A resource has \(LogService.tagLimit) tags at most.", fields: ["resourceName": .string(arn)])
    }

    static func unavailable(_ message: String) -> APIError {
        APIError("ServiceUnavailableException", message, httpStatus: 503, retryAfterSeconds: 1)
    }
}

extension LogStoreError {
    /// What a client of CloudWatch Logs is told.
    var apiError: APIError {
        switch code {
        case .groupNotFound: LogsError.groupNotFound()
        case .streamNotFound: LogsError.streamNotFound()
        case .groupExists: APIError("ResourceAlreadyExistsException", "The specified log group already exists")
        case .streamExists: APIError("ResourceAlreadyExistsException", "The specified log stream already exists")
        case .invalidToken: LogsError.invalidParameter("The specified nextToken is invalid.")
        case .batchTooLarge: LogsError.invalidParameter(message)
        case .overloaded: LogsError.unavailable("Too many log events wait for the disk; try again.")
        case .storageFull: LogsError.unavailable("The server's disk is full; nothing was stored.")
        case .closed: LogsError.unavailable("The server is stopping.")
        default: .internalFailure()
        }
    }
}
