import AWSProtocols

/// The errors of the EventBridge API in AWS's words (EventBridge API Reference, "Errors" of each action).
enum EventsError {
    static func ruleNotFound(_ name: String, bus: String) -> APIError {
        APIError("ResourceNotFoundException", "Rule \(name) does not exist on EventBus \(bus).")
    }

    static func busNotFound(_ name: String) -> APIError {
        APIError("ResourceNotFoundException", "Event bus \(name) does not exist.")
    }

    static func busExists(_ name: String) -> APIError {
        APIError("ResourceAlreadyExistsException", "Event bus \(name) already exists.")
    }

    static func invalidEventPattern(_ message: String) -> APIError {
        APIError("InvalidEventPatternException", message)
    }

    static func limitExceeded() -> APIError {
        APIError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
    }

    /// A parameter that is not what it must be.
    static func invalidParameter(_ name: String, reason: String? = nil) -> APIError {
        .validation("Parameter \(name) is not valid." + (reason.map { " Reason: \($0)" } ?? ""))
    }

    static let invalidARNReason = "Provided Arn is not in correct format."
}
