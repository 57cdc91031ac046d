import AWSProtocols

/// The errors of Resource Groups (AWS Resource Groups API Reference, "Errors" of each action).
enum ResourceGroupError {
    static func badRequest(_ message: String) -> APIError {
        APIError("BadRequestException", message)
    }

    static func notFound(_ name: String) -> APIError {
        APIError("NotFoundException", "Cannot find group: \(name)")
    }

    static func nameTaken() -> APIError {
        badRequest("Cannot create group: group already exists")
    }

    static func invalidToken() -> APIError {
        badRequest("The specified token is not valid.")
    }
}
