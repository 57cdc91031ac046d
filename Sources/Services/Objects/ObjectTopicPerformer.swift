import AWSProtocols
package import Engine
import JSONCore
package import Store
import Synchronization
package import TimeSource

/// Publishes the news of objects to topics: once each, by the delivery's id.
package final class ObjectTopicPerformer: DeliveryPerformer {
    /// `object-topic`.
    package static let kind = "object-topic"
    package let kind: String = ObjectTopicPerformer.kind
    /// The publisher remembers the delivery's id.
    package let effectClass = EffectClass.deduplicated
    /// How many topics are told side by side.
    package let concurrency = 16

    private static let subject = "Amazon S3 Notification"
    private static let retryPause = Duration.seconds(1)
    /// Set once, before the queue runs: the publisher itself needs the queue.
    private let publisher = Mutex<TopicPublisher?>(nil)

    /// A performer that waits for `connect`.
    package init() {}

    /// Tells who publishes.
    package func connect(_ publisher: TopicPublisher) {
        self.publisher.withLock { $0 = publisher }
    }

    /// What stands in a delivery.
    static func body(topic: String, message: JSONValue) -> [UInt8] {
        JSONWriter.bytes(of: ["topic": .text(topic), "message": .text(JSONWriter.text(of: message))])
    }

    /// Publishes one; again when the store does not take it, given up when the topic does not.
    package func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        guard let body = try? JSONParser.parse(delivery.body), let topic = body["topic"]?.text, let message = body["message"]?.text else {
            return .failed(reason: "The stored message cannot be read.")
        }
        guard let publisher = publisher.withLock({ $0 }) else {
            return .postponed(for: ObjectTopicPerformer.retryPause, reason: "The topics are not there yet.")
        }
        do {
            _ = try await publisher.publish(
                account: delivery.account, topicARN: topic, subject: ObjectTopicPerformer.subject, message: message, structure: nil,
                attributes: [], messageID: nil, dedupeKey: "object-topic/\(delivery.id)")
            return .delivered
        } catch {
            if error.code == "ServiceUnavailable" || error.code == "InternalFailure" {
                return .tryAgain(after: ObjectTopicPerformer.retryPause, reason: error.message)
            }
            return .failed(reason: error.message)
        }
    }
}
