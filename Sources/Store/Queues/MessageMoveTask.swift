package import TimeSource

/// Moving the messages of a dead-letter queue back to where they came from, or to another queue.
package struct MessageMoveTask: Sendable, Hashable {
    /// How far it is, as ListMessageMoveTasks spells it.
    package enum Status: String, Sendable, Hashable {
        case running = "RUNNING"
        case completed = "COMPLETED"
        case cancelling = "CANCELLING"
        case cancelled = "CANCELLED"
        case failed = "FAILED"

        /// Whether nothing more is moved.
        package var isOver: Bool { self != .running && self != .cancelling }
    }

    /// A UUID.
    package let id: String
    /// The queue whose messages are moved.
    package let source: QueueName
    /// Where to; nil when each message goes back to the queue that it came from.
    package let destination: QueueName?
    /// How many messages a second at most; nil when as fast as possible.
    package let maxMessagesPerSecond: Int?
    /// How far it is.
    package var status: Status
    /// How many messages were moved.
    package var movedCount: Int64
    /// How many messages the source had at the start, about.
    package let totalCount: Int64
    /// When it was started, by the wall clock.
    package let startedAt: Timestamp
    /// Why it failed.
    package var failureReason: String?
    /// The last message that it moves: what comes later stays, so that the task ends.
    package let lastSequence: Int64

    /// A task of these facts.
    package init(
        id: String, source: QueueName, destination: QueueName?, maxMessagesPerSecond: Int?, status: Status, movedCount: Int64,
        totalCount: Int64, startedAt: Timestamp, failureReason: String?, lastSequence: Int64
    ) {
        self.id = id
        self.source = source
        self.destination = destination
        self.maxMessagesPerSecond = maxMessagesPerSecond
        self.status = status
        self.movedCount = movedCount
        self.totalCount = totalCount
        self.startedAt = startedAt
        self.failureReason = failureReason
        self.lastSequence = lastSequence
    }
}
