package import Store

/// Why a queue did not do as asked. The services translate.
package enum QueueError: Error, Sendable, Hashable {
    /// There is no such queue.
    case queueDoesNotExist(QueueName)
    /// A message for a FIFO queue has no group.
    case missingGroupID(QueueName)
    /// A message for a FIFO queue has no deduplication id, and the queue does not make one of the body.
    case missingDeduplicationID(QueueName)
    /// A message for a FIFO queue has a delay of its own.
    case delayNotAllowed(QueueName)
    /// A message is longer than its queue allows, in bytes.
    case messageTooLong(QueueName, limit: Int)
    /// As many messages are in flight as may be: 120,000, or 20,000 of a FIFO queue.
    case overLimit(QueueName)
    /// The text is no receipt handle of this queue.
    case receiptHandleInvalid
    /// The message became visible again since; a FIFO queue takes the handle no more.
    case receiptHandleExpired
    /// The message is visible, so that there is no timeout to change.
    case messageNotInFlight
    /// The message is deleted, or was received again since.
    case messageNotAvailable
    /// The queue was purged less than 60 seconds ago.
    case purgeInProgress(QueueName)
    /// The source of a move task is no queue's dead-letter queue.
    case notADeadLetterQueue(QueueName)
    /// Messages of the source are being moved already.
    case moveTaskRunning(QueueName)
    /// There is no such move task.
    case moveTaskDoesNotExist
    /// The move task is over.
    case moveTaskNotRunning
    /// As many consumers wait as there is room for.
    case tooManyWaiters
    /// The server is stopping.
    case shuttingDown
    /// The store failed.
    case store(StoreError)
}
