/// How a queue behaves, with the defaults of CreateQueue (Amazon SQS API Reference).
package struct QueueAttributes: Sendable, Hashable {
    /// Where messages go that were received too often.
    package struct RedrivePolicy: Sendable, Hashable {
        /// The dead-letter queue.
        package var deadLetterQueue: QueueName
        /// How often a message may be received: the receive after that moves it.
        package var maxReceiveCount: Int

        /// A policy of these parts.
        package init(deadLetterQueue: QueueName, maxReceiveCount: Int) {
            self.deadLetterQueue = deadLetterQueue
            self.maxReceiveCount = maxReceiveCount
        }
    }

    /// Which queues may have this one as their dead-letter queue.
    package enum RedriveAllowPolicy: Sendable, Hashable {
        case allowAll
        case denyAll
        /// At most ten.
        case byQueue([QueueName])

        /// Whether `source` may name a queue with this policy as its dead-letter queue.
        package func allows(_ source: QueueName) -> Bool {
            switch self {
            case .allowAll: true
            case .denyAll: false
            case .byQueue(let sources): sources.contains(source)
            }
        }
    }

    /// Among which messages a deduplication id is looked for.
    package enum DeduplicationScope: String, Sendable, Hashable {
        case messageGroup
        case queue
    }

    /// What the throughput limit of AWS counts by; stored and returned.
    package enum FIFOThroughputLimit: String, Sendable, Hashable {
        case perQueue
        case perMessageGroupId
    }

    /// How long a received message is hidden: 0 seconds to 12 hours.
    package var visibilityTimeout = Duration.seconds(30)
    /// How long a new message is hidden: 0 to 900 seconds.
    package var delay = Duration.zero
    /// How long a message is kept: 60 seconds to 14 days.
    package var retention = Duration.seconds(345_600)
    /// Bytes of body and attributes.
    package var maximumMessageSize = 1_048_576
    /// How long a receive waits that does not say so: 0 to 20 seconds.
    package var receiveWait = Duration.zero
    /// Where messages go that were received too often.
    package var redrivePolicy: RedrivePolicy?
    /// Which queues may have this one as their dead-letter queue; nil as never set, which allows all.
    package var redriveAllowPolicy: RedriveAllowPolicy?
    /// FIFO: the digest of the body is the deduplication id of a message without one.
    package var contentBasedDeduplication = false
    /// FIFO: among which messages a deduplication id is looked for.
    package var deduplicationScope = DeduplicationScope.queue
    /// FIFO: stored and returned.
    package var fifoThroughputLimit = FIFOThroughputLimit.perQueue
    /// The access policy as it was set; stored and returned.
    package var policy: String?
    /// The KMS key's name as it was set; stored and returned.
    package var kmsMasterKeyID: String?
    /// Stored and returned; nil as never set.
    package var kmsDataKeyReusePeriod: Duration?
    /// Stored and returned; nil as never set.
    package var sqsManagedSSEEnabled: Bool?

    /// The defaults.
    package init() {}
}
