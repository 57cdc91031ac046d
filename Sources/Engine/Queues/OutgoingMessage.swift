package import Store

/// A message on its way into a queue.
package struct OutgoingMessage: Sendable, Hashable {
    /// Where to.
    package var queue: QueueName
    /// The text.
    package var body: String
    /// What stands beside the text.
    package var attributes: [QueueMessageAttribute] = []
    /// The system attribute AWSTraceHeader.
    package var traceHeader: String?
    /// How long it is hidden at first; nil as the queue says. FIFO queues take none.
    package var delay: Duration?
    /// The message group; FIFO queues demand one, of others it is stored and returned.
    package var groupID: String?
    /// Messages of a FIFO queue with an equal one within five minutes are one message.
    package var deduplicationID: String?
    /// The system attribute SenderId.
    package var senderID: String
    /// A UUID fixed by the caller; nil for a new one.
    package var messageID: String?

    /// A message of these parts.
    package init(
        queue: QueueName, body: String, attributes: [QueueMessageAttribute] = [], traceHeader: String? = nil, delay: Duration? = nil,
        groupID: String? = nil, deduplicationID: String? = nil, senderID: String, messageID: String? = nil
    ) {
        self.queue = queue
        self.body = body
        self.attributes = attributes
        self.traceHeader = traceHeader
        self.delay = delay
        self.groupID = groupID
        self.deduplicationID = deduplicationID
        self.senderID = senderID
        self.messageID = messageID
    }
}

/// The answer to a message that is durably in its queue.
package struct SentMessage: Sendable, Hashable {
    /// Its id; of a duplicate that of the first one.
    package let messageID: String
    /// FIFO: its place in the queue, 20 digits; of a duplicate that of the first one.
    package let sequenceNumber: String?
    /// Whether an equal message came within the last five minutes, so that nothing was added.
    package let isDuplicate: Bool

    /// An answer of these parts.
    package init(messageID: String, sequenceNumber: String?, isDuplicate: Bool) {
        self.messageID = messageID
        self.sequenceNumber = sequenceNumber
        self.isDuplicate = isDuplicate
    }
}
