import AWSProtocols

/// The errors of the SNS API, with AWS's texts where they are known (Amazon SNS API Reference, "Errors" of each action).
enum SNSError {
    static func invalidParameter(_ reason: String) -> APIError {
        APIError("InvalidParameter", "Invalid parameter: \(reason)", httpStatus: 400)
    }

    /// A message attribute is wrong.
    static func invalidValue(_ message: String) -> APIError {
        APIError("ParameterValueInvalid", message, httpStatus: 400)
    }

    static func topicNotFound() -> APIError {
        APIError("NotFound", "Topic does not exist", httpStatus: 404)
    }

    static func subscriptionNotFound() -> APIError {
        APIError("NotFound", "Subscription does not exist", httpStatus: 404)
    }

    static func resourceNotFound() -> APIError {
        APIError("ResourceNotFound", "Resource does not exist", httpStatus: 404)
    }

    static func notAuthorized(_ context: RequestContext, _ action: String, on resource: String) -> APIError {
        let caller = context.principal.arn.isEmpty ? "anonymous" : context.principal.arn
        return APIError(
            "AuthorizationError", "User: \(caller) is not authorized to perform: SNS:\(action) on resource: \(resource)",
            httpStatus: 403)
    }

    static func tooManyTags() -> APIError {
        APIError("TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded", httpStatus: 400)
    }
}
