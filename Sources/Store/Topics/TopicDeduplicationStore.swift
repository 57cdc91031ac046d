package import TimeSource

/// What FIFO topics remember of the messages that they took (SNS Developer Guide, "Message deduplication for FIFO topics").
package enum TopicDeduplicationStore {
    /// A message that was taken.
    package struct Entry: Sendable, Hashable {
        /// Its `MessageId`.
        package let messageID: String
        /// Its `SequenceNumber`.
        package let sequenceNumber: String

        /// An entry of these facts.
        package init(messageID: String, sequenceNumber: String) {
            self.messageID = messageID
            self.sequenceNumber = sequenceNumber
        }
    }

    /// Remembers a message in the transaction that delivers it. A conflict when the topic remembers one of the same key.
    /// - Parameters:
    ///   - topic: the topic's id.
    ///   - now: engine time; what has expired by then is forgotten first.
    package static func record(
        _ entry: Entry, key: String, topic: String, now: Timestamp, until expiry: Timestamp
    ) -> [Statement] {
        [
            Statement(
                "DELETE FROM topic_deduplication WHERE topic = ? AND dedupe_key = ? AND expires_at <= ?",
                [.text(topic), .text(key), .integer(now.milliseconds)]),
            Statement(
                "INSERT INTO topic_deduplication (topic, dedupe_key, message, sequence, expires_at) VALUES (?, ?, ?, ?, ?)",
                [
                    .text(topic), .text(key), .text(entry.messageID), .text(entry.sequenceNumber), .integer(expiry.milliseconds),
                ]),
        ]
    }

    /// The message that a topic remembers of a key, nil when there is none or it has expired.
    package static func find(
        key: String, topic: String, now: Timestamp, in transaction: any ReadTransaction
    ) throws(StoreError) -> Entry? {
        let row = try transaction.row(
            "SELECT message, sequence FROM topic_deduplication WHERE topic = ? AND dedupe_key = ? AND expires_at > ?",
            [.text(topic), .text(key), .integer(now.milliseconds)])
        guard let row else { return nil }
        return Entry(messageID: try row.text(0), sequenceNumber: try row.text(1))
    }

    /// Forgets all of a topic, for its deletion.
    package static func removeAll(topic: String) -> Statement {
        Statement("DELETE FROM topic_deduplication WHERE topic = ?", [.text(topic)])
    }

    /// Forgets what has expired before an instant of engine time, `limit` at most.
    package static func prune(before instant: Timestamp, limit: Int) -> Statement {
        Statement(
            """
            DELETE FROM topic_deduplication WHERE (topic, dedupe_key) IN
            (SELECT topic, dedupe_key FROM topic_deduplication WHERE expires_at < ? ORDER BY expires_at LIMIT ?)
            """, [.integer(instant.milliseconds), .integer(limit)])
    }
}
