import Store
import TimeSource

/// A message that is checked and ready for its batch.
struct MessageDraft: Sendable {
    /// The queue's id.
    let queue: Int64
    /// The queue's name.
    let name: QueueName
    /// What is stored.
    let content: MessageContent
    /// Its own; nil as the queue says.
    let delay: Duration?
    /// FIFO: by which duplicates are known.
    let digest: MessageDeduplication.Digest?
}

/// What became of one message of a batch.
enum MessageFate: Sendable {
    /// It is in its queue at this place.
    case sent(MessageDraft, sequence: Int64)
    /// A message of the table is the first.
    case duplicate(queue: Int64, sequence: Int64)
    /// A message of the same batch, by its index, is the first.
    case repeated(Int)
}

/// What a batch of messages comes to.
enum SendOutcome: Sendable {
    /// The batch is durable: what became of each message.
    case sent([MessageFate])
    /// This queue has to be in memory first.
    case cold(QueueRecord)
    /// A batch that was waited for has ended.
    case again
    /// The batch was refused, or failed.
    case failure(QueueError)
}
