import Store
import TimeSource

/// A message that is checked and ready for its batch.
struct MessageDraft: Sendable {
    let queue: Int64
    let name: QueueName
    let content: MessageContent
    /// Its own; nil as the queue says.
    let delay: Duration?
    /// FIFO.
    let digest: MessageDeduplication.Digest?
}

/// What became of one message of a batch.
enum MessageFate: Sendable {
    case sent(MessageDraft, sequence: Int64)
    /// A message of the table is the first.
    case duplicate(queue: Int64, sequence: Int64)
    /// A message of the same batch, by its index, is the first.
    case repeated(Int)
}

/// What a batch of messages comes to.
enum SendOutcome: Sendable {
    case sent([MessageFate])
    /// This queue has to be in memory first.
    case cold(QueueRecord)
    /// A batch that was waited for has ended.
    case again
    case failure(QueueError)
}
