package import Store
package import TimeSource

/// What a consumer asks for.
package struct ReceiveRequest: Sendable {
    /// Where from.
    package var queue: QueueName
    /// How many messages at most, 1 to 10.
    package var maxMessages = 1
    /// How long they are hidden; nil as the queue says.
    package var visibilityTimeout: Duration?
    /// How long to wait for a first message; nil as the queue says.
    package var wait: Duration?
    /// FIFO: a repeated receive with the same id gets the same messages.
    package var attemptID: String?

    /// A request of these parts.
    package init(
        queue: QueueName, maxMessages: Int = 1, visibilityTimeout: Duration? = nil, wait: Duration? = nil, attemptID: String? = nil
    ) {
        self.queue = queue
        self.maxMessages = maxMessages
        self.visibilityTimeout = visibilityTimeout
        self.wait = wait
        self.attemptID = attemptID
    }
}

/// A message as a consumer gets it: hidden from others until its visibility timeout is over.
package struct ReceivedMessage: Sendable, Hashable {
    /// Its id, the same at every receive.
    package let messageID: String
    /// By which this receive of it is named.
    package let receiptHandle: String
    /// The text.
    package let body: String
    /// What stands beside the text, in the order of the sender.
    package let attributes: [QueueMessageAttribute]
    /// The system attribute AWSTraceHeader.
    package let traceHeader: String?
    /// The system attribute SenderId.
    package let senderID: String
    /// When it was sent.
    package let sentAt: Timestamp
    /// When it was received first.
    package let firstReceivedAt: Timestamp
    /// How often it was received, this time included.
    package let receiveCount: Int
    /// The message group.
    package let groupID: String?
    /// FIFO: by which duplicates are known.
    package let deduplicationID: String?
    /// FIFO: its place in the queue, 20 digits.
    package let sequenceNumber: String?
    /// The queue that it was moved here from, received too often there.
    package let deadLetterSource: QueueName?
}
