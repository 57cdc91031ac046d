import JSONCore

/// Messages for one invocation.
struct QueueBatch: Sendable {
    /// A message as it was received, and as it stands in the event.
    struct Entry: Sendable {
        let message: ReceivedMessage
        let record: JSONObject
        /// The bytes of the record.
        let size: Int
    }

    /// An event's bytes at most: those of an invocation (AWS Lambda Developer Guide, "Lambda quotas"), less some room for its frame.
    static let sizeLimit = 6_291_456 - 1_024

    private(set) var entries: [Entry] = []
    private(set) var size = 0

    /// The entries in batches of at most `limit`, none too large to be an event, in their order.
    static func split(_ entries: [Entry], limit: Int) -> [QueueBatch] {
        var batches: [QueueBatch] = []
        var batch = QueueBatch()
        for entry in entries {
            if !batch.entries.isEmpty, batch.entries.count >= limit || batch.size + entry.size > sizeLimit {
                batches.append(batch)
                batch = QueueBatch()
            }
            batch.entries.append(entry)
            batch.size += entry.size
        }
        if !batch.entries.isEmpty { batches.append(batch) }
        return batches
    }

    /// The event.
    var event: [UInt8] { QueueEvent.event(of: entries.map(\.record)) }
    /// The ids of its messages.
    var messageIDs: [String] { entries.map(\.message.messageID) }
}
