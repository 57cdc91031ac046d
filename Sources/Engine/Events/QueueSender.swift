package import Store

/// Puts messages into queues together with other changes of the store: the seam between what routes events and the queues.
package protocol QueueSender: Sendable {
    /// Whether there is such a queue; from memory.
    func exists(_ name: QueueName) -> Bool

    /// Puts messages into their queues: all of them and `statements` in one transaction, or none.
    /// - Returns: an answer for each message, in their order.
    func send(_ messages: [OutgoingMessage], with statements: [Statement]) async throws(QueueError) -> [SentMessage]
}

extension QueueEngine: QueueSender {}
