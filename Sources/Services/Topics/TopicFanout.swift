import Engine
import EventPatterns
import Logging
import Store

/// A topic, and who gets its messages.
final class TopicFanout: Sendable {
    /// The topic.
    let topic: TopicRecord
    /// Its attributes.
    let attributes: AttributeTable
    /// Its confirmed subscriptions.
    let subscribers: [TopicSubscriber]

    init(topic: TopicRecord, subscribers: [TopicSubscriber]) {
        self.topic = topic
        self.subscribers = subscribers
        attributes = AttributeTable(stored: topic.attributes)
        queues = Set(subscribers.flatMap { [$0.queue, $0.deadLetterQueue].compactMap(\.self) })
    }

    /// The queues that its messages may go to, those for dead letters included.
    let queues: Set<QueueName>

    /// Whether messages without a `MessageDeduplicationId` are known by their content.
    var isContentBased: Bool { attributes["ContentBasedDeduplication"] == "true" }

    /// What a message is remembered by: with its group where each group is a scope of its own.
    func deduplicationKey(of message: TopicMessage) -> String {
        guard attributes["FifoThroughputScope"] == TopicAttributes.FIFOScope.messageGroup.rawValue else {
            return message.deduplicationKey
        }
        // Neither of them holds a space.
        return "\(message.groupID ?? "") \(message.deduplicationKey)"
    }
}

/// A confirmed subscription, ready to be delivered to.
struct TopicSubscriber: Sendable {
    /// The subscription.
    let record: SubscriptionRecord
    /// How it is delivered; nil when another version wrote it.
    let way: SubscriptionProtocol?
    /// Whether it gets the message alone, without the envelope.
    let isRaw: Bool
    /// The queue that it feeds, nil when it feeds none.
    let queue: QueueName?
    /// Where what cannot be delivered goes.
    let deadLetterQueue: QueueName?
    private let filter: FilterPolicy?

    init(_ record: SubscriptionRecord, logger: Logger) {
        let attributes = AttributeTable(stored: record.attributes)
        self.record = record
        way = SubscriptionProtocol(rawValue: record.protocol)
        isRaw = attributes["RawMessageDelivery"] == "true"
        queue = way == .sqs ? QueueName(arn: record.endpoint) : nil
        deadLetterQueue = SubscriptionAttributes.deadLetterQueue(attributes)
        do throws(EventPatternError) {
            filter = try SubscriptionAttributes.filterPolicy(attributes)
        } catch {
            // It was checked when it was set, so another version wrote it: a message too many is better than one that is lost.
            logger.error(
                "a filter policy cannot be read; messages are delivered",
                metadata: ["subscription": "\(record.id)", "reason": "\(error.reason)"])
            filter = nil
        }
    }

    /// Whether the subscription is for this message.
    func wants(_ message: TopicMessage) -> Bool {
        filter?.accepts(attributes: message.attributes.map(\.filtered), body: message.text) ?? true
    }
}
