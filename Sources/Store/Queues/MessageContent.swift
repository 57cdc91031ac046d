package import TimeSource

/// A message as its sender made it: what never changes. A class, as memory and batches on their way share it.
package final class MessageContent: Sendable {
    /// Its id.
    package let messageID: String
    /// When it was sent, by the wall clock.
    package let sentAt: Timestamp
    /// The system attribute SenderId.
    package let senderID: String
    /// The message group.
    package let groupID: String?
    /// By which duplicates are known.
    package let deduplicationID: String?
    /// The queue that it was moved from, received too often there.
    package let deadLetterSource: QueueName?
    /// The text.
    package let body: String
    /// What stands beside the text, encoded; nil for nothing.
    package let encodedAttributes: [UInt8]?

    /// A message of these parts.
    package init(
        messageID: String, sentAt: Timestamp, senderID: String, groupID: String?, deduplicationID: String?, deadLetterSource: QueueName?,
        body: String, encodedAttributes: [UInt8]?
    ) {
        self.messageID = messageID
        self.sentAt = sentAt
        self.senderID = senderID
        self.groupID = groupID
        self.deduplicationID = deduplicationID
        self.deadLetterSource = deadLetterSource
        self.body = body
        self.encodedAttributes = encodedAttributes
    }

    /// The bytes that it takes in memory, about.
    package var byteCount: Int { body.utf8.count + (encodedAttributes?.count ?? 0) + 256 }
}
