/// Messages that are deleted for consumers while their rows are still there: of purged queues, and of deleted ones.
package enum QueuePurgeStore {
    /// All there is.
    package struct Purge: Sendable, Hashable {
        /// The queue's id.
        package let queue: Int64
        /// The last message that is deleted.
        package let upTo: Int64
    }

    /// The purge of a deleted queue has this end.
    package static let everything = Int64.max

    /// Deletes all messages of a queue up to and with `last`, for consumers.
    package static func begin(_ queue: Int64, upTo last: Int64) -> Statement {
        Statement(
            """
            INSERT INTO queue_purge (queue, up_to) VALUES (?, ?)
            ON CONFLICT (queue) DO UPDATE SET up_to = excluded.up_to WHERE queue_purge.up_to < excluded.up_to
            """, [.integer(queue), .integer(last)])
    }

    /// No row of the purge is left. Not done when it was extended meanwhile.
    package static func end(_ purge: Purge) -> Statement {
        Statement("DELETE FROM queue_purge WHERE queue = ? AND up_to = ?", [.integer(purge.queue), .integer(purge.upTo)])
    }

    /// The purges whose rows are not all deleted.
    package static func all(in transaction: any ReadTransaction) throws(StoreError) -> [Purge] {
        var purges: [Purge] = []
        for row in try transaction.rows("SELECT queue, up_to FROM queue_purge ORDER BY queue") {
            purges.append(Purge(queue: try row.integer(0), upTo: try row.integer(1)))
        }
        return purges
    }
}
