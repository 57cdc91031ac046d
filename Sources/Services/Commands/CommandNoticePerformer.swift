import AWSProtocols
package import Engine
package import Store
import Synchronization
package import TimeSource

/// Publishes what topics are told of commands: once each, by the delivery's id.
package final class CommandNoticePerformer: DeliveryPerformer {
    /// `command-notice`.
    package static let kind = "command-notice"
    package let kind: String = CommandNoticePerformer.kind
    /// The publisher remembers the delivery's id.
    package let effectClass = EffectClass.deduplicated
    package let concurrency = 16

    private static let retryPause = Duration.seconds(1)

    private let database: any Database
    private let region: String
    /// Set once, before the queue runs: the publisher itself needs the queue.
    private let publisher = Mutex<TopicPublisher?>(nil)

    /// A performer that waits for `connect`.
    package init(database: any Database, region: String) {
        self.database = database
        self.region = region
    }

    /// Tells who publishes.
    package func connect(_ publisher: TopicPublisher) {
        self.publisher.withLock { $0 = publisher }
    }

    /// Publishes one; again when the store does not take it, given up when the topic does not.
    package func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        guard let body = CommandNoticeDelivery(stored: delivery.body) else {
            return .failed(reason: "The stored message cannot be read.")
        }
        guard let publisher = publisher.withLock({ $0 }) else {
            return .postponed(for: CommandNoticePerformer.retryPause, reason: "The topics are not there yet.")
        }
        do {
            guard let (topic, message) = try await message(of: body) else { return .delivered }
            _ = try await publisher.publish(
                account: delivery.account, topicARN: topic, subject: "EC2 Run Command Notification \(region)", message: message,
                structure: nil, attributes: [], messageID: nil, dedupeKey: "command-notice/\(delivery.id)")
            return .delivered
        } catch let error as APIError where !["ServiceUnavailable", "InternalFailure"].contains(error.code) {
            return .failed(reason: error.message)
        } catch {
            return .tryAgain(after: CommandNoticePerformer.retryPause, reason: "The message cannot be published: \(error)")
        }
    }

    /// What is published; nil when nobody wants the status, or the command is forgotten.
    private func message(of delivery: CommandNoticeDelivery) async throws -> (topic: String, message: String)? {
        switch delivery {
        case .complete(let topic, let message): return (topic, message)
        case .pending(let topic, let number, let status, let time):
            let found = try await database.read { try CommandStore.find(number: number, in: $0) }
            guard let (command, progress) = found else { return nil }
            let status = status ?? CommandStatus(command, progress).status
            guard CommandSettings(command).notice?.wants(status) ?? false else { return nil }
            return (topic, CommandNoticeMessage.command(command, status: status, at: time))
        }
    }
}
