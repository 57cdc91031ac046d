/// What a Task state calls, read from its `Resource`.
package enum TaskResource: Hashable, Sendable {
    /// A function by its ARN, with a version or alias when the ARN has one.
    case function(arn: String)
    /// An activity by its ARN.
    case activity(arn: String)
    /// A service integration: `arn:aws:states:::service:action[.pattern]`.
    case service(ServiceIntegration)

    /// The text of the `Resource` field.
    package var arn: String {
        switch self {
        case .function(let arn), .activity(let arn): arn
        case .service(let integration): integration.arn
        }
    }
}

/// A call of a service's action by the workflow itself.
package struct ServiceIntegration: Hashable, Sendable {
    /// When the state goes on after the call.
    package enum Pattern: String, Hashable, Sendable, CaseIterable {
        /// As soon as the service answered.
        case requestResponse = ""
        /// When the job that the call began has ended.
        case sync = ".sync"
        /// The same, with the result parsed as JSON.
        case syncTwo = ".sync:2"
        /// When somebody sends the task token back.
        case waitForTaskToken = ".waitForTaskToken"
    }

    /// The whole `Resource` text.
    package var arn: String
    /// The service as history events name it: `lambda`, `sns`, or `aws-sdk:ssm` for the SDK integrations.
    package var service: String
    /// The action without its pattern: `invoke`, `publish`, `sendCommand`.
    package var action: String
    /// When the state goes on.
    package var pattern: Pattern

    /// The action as history events name it: with its pattern.
    package var resourceName: String { action + pattern.rawValue }

    /// An integration with all its parts.
    package init(arn: String, service: String, action: String, pattern: Pattern) {
        self.arn = arn
        self.service = service
        self.action = action
        self.pattern = pattern
    }
}
