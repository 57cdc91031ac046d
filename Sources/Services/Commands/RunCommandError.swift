import AWSProtocols

/// The errors of Run Command (Systems Manager API Reference, "Errors" of each action).
enum RunCommandError {
    /// A node that SendCommand names and that is none of the account's.
    static func invalidNodes(_ ids: [String], account: String) -> APIError {
        APIError("InvalidInstanceId", "Instances [[\(ids.joined(separator: ", "))]] not in a valid state for account \(account)")
    }

    /// A node that is not one of the account's.
    static func unknownNode(_ id: String) -> APIError {
        APIError("InvalidInstanceId", "The instance ID \(id) is not valid.")
    }

    static func duplicateNode(_ id: String) -> APIError {
        APIError("DuplicateInstanceId", "The instance ID \(id) is given more than once.")
    }

    static func unknownCommand(_ id: String) -> APIError {
        APIError("InvalidCommandId", "The command ID \(id) is not valid.")
    }

    static func invalidFilter(_ key: String) -> APIError {
        APIError("InvalidFilterKey", "The value of the filter \(key) is not valid.")
    }
}
