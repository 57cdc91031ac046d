import AWSProtocols
import Engine
import Store
import TimeSource

/// What a command's `NotificationConfig` asks for (Systems Manager User Guide, "Monitoring Systems Manager status changes using Amazon SNS
/// notifications").
struct CommandNotice: Sendable, Hashable {
    /// The topic's ARN.
    let topic: String
    /// Whether each invocation is told of, instead of the command as a whole.
    let isForInvocations: Bool
    /// The statuses; nil for all of them.
    private let events: Set<String>?

    /// Pending and Cancelling are never told.
    private static let told: Set<String> = ["InProgress", "Success", "TimedOut", "Cancelled", "Failed"]

    /// Reads a `NotificationConfig`; nil when it asks for nothing.
    /// - Throws: `InvalidNotificationConfig`.
    init?(_ config: APIStructure?) throws(APIError) {
        let topic = config?.string("NotificationArn") ?? ""
        let events = config?.strings("NotificationEvents") ?? []
        guard !topic.isEmpty else {
            guard events.isEmpty else { throw CommandNotice.invalid("NotificationArn is missing.") }
            return nil
        }
        guard let arn = ARN(topic), arn.service == "sns", !arn.resource.contains(":") else {
            throw CommandNotice.invalid("\(topic) is not the ARN of an Amazon SNS topic.")
        }
        guard !arn.resource.hasSuffix(".fifo") else {
            throw CommandNotice.invalid("FIFO topics are not supported: \(topic)")
        }
        self.topic = topic
        isForInvocations = config?.string("NotificationType") == "Invocation"
        self.events = events.isEmpty || events.contains("All") ? nil : Set(events)
    }

    private static func invalid(_ message: String) -> APIError {
        APIError("InvalidNotificationConfig", message)
    }

    /// Whether a status is told.
    func wants(_ status: String) -> Bool {
        CommandNotice.told.contains(status) && events?.contains(status) ?? true
    }
}
