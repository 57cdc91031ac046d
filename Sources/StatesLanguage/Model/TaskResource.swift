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

extension TaskResource {
    /// Reads a `Resource`; nil when it is no ARN of a function, an activity or a service integration.
    package init?(parsing text: String) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "arn", !parts[1].isEmpty else { return nil }
        switch parts[2] {
        case "lambda":
            guard !parts[3].isEmpty, !parts[4].isEmpty, Self.hasName(parts[5], after: "function:") else { return nil }
            self = .function(arn: text)
        case "states" where parts[5].utf8.starts(with: "activity:".utf8):
            guard !parts[3].isEmpty, !parts[4].isEmpty, Self.hasName(parts[5], after: "activity:") else { return nil }
            self = .activity(arn: text)
        case "states":
            // Region and account are mostly empty; exported definitions may have them.
            guard let integration = ServiceIntegration(arn: text, path: parts[5]) else { return nil }
            self = .service(integration)
        default: return nil
        }
    }

    private static func hasName(_ text: String, after prefix: String) -> Bool {
        text.utf8.starts(with: prefix.utf8) && text.utf8.count > prefix.utf8.count
    }
}

extension ServiceIntegration {
    /// Reads `service:action[.pattern]` or `aws-sdk:service:action[.pattern]`.
    init?(arn: String, path: String) {
        var rest = path
        var pattern = Pattern.requestResponse
        for candidate in [Pattern.syncTwo, .sync, .waitForTaskToken] where rest.hasSuffix(candidate.rawValue) {
            pattern = candidate
            rest = String(rest.dropLast(candidate.rawValue.count))
            break
        }
        let names = rest.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let isSDK = names.first == "aws-sdk"
        // The SDK integrations answer at once or by token; they have no job to wait for.
        if isSDK, pattern == .sync || pattern == .syncTwo { return nil }
        guard names.count == (isSDK ? 3 : 2), names.allSatisfy({ !$0.isEmpty && !$0.contains(".") }) else { return nil }
        self.init(
            arn: arn, service: isSDK ? "aws-sdk:" + names[1] : names[0], action: names[names.count - 1],
            pattern: pattern)
    }
}
