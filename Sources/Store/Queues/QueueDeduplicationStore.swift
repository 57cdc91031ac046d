/// What was sent to FIFO queues lately: a second message of an equal digest is a duplicate.
package enum QueueDeduplicationStore {
    /// Remembers a message that is sent.
    package static func insert(_ digest: [UInt8], messageID: String, sequence: Int64, queue: Int64) -> Statement {
        Statement(
            "INSERT INTO queue_deduplication (queue, seq, digest, message_id) VALUES (?, ?, ?, ?)",
            [.integer(queue), .integer(sequence), .blob(digest), .text(messageID)])
    }

    /// What was sent after `last`, in the order of sending, at most `limit`.
    package static func page(
        of queue: Int64, after last: Int64, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [(sequence: Int64, digest: [UInt8])] {
        var page: [(sequence: Int64, digest: [UInt8])] = []
        let rows = try transaction.rows(
            "SELECT seq, digest FROM queue_deduplication WHERE queue = ? AND seq > ? ORDER BY seq LIMIT ?",
            [.integer(queue), .integer(last), .integer(limit)])
        for row in rows { page.append((try row.integer(0), try row.blob(1))) }
        return page
    }

    /// The id of the message at a place; nil when it is forgotten.
    package static func messageID(
        of sequence: Int64, in queue: Int64, _ transaction: any ReadTransaction
    ) throws(StoreError) -> String? {
        try transaction.row(
            "SELECT message_id FROM queue_deduplication WHERE queue = ? AND seq = ?", [.integer(queue), .integer(sequence)])?.text(0)
    }

    /// The smallest place that is remembered; nil when none is.
    package static func firstSequence(of queue: Int64, in transaction: any ReadTransaction) throws(StoreError) -> Int64? {
        try transaction.row("SELECT MIN(seq) FROM queue_deduplication WHERE queue = ?", [.integer(queue)])?.values[0].integer
    }

    /// The largest place that is remembered; nil when none is.
    package static func lastSequence(of queue: Int64, in transaction: any ReadTransaction) throws(StoreError) -> Int64? {
        try transaction.row("SELECT MAX(seq) FROM queue_deduplication WHERE queue = ?", [.integer(queue)])?.values[0].integer
    }

    /// Forgets what was sent up to and with `last`, at most `limit` messages.
    package static func prune(_ queue: Int64, upTo last: Int64, limit: Int) -> Statement {
        Statement(
            """
            DELETE FROM queue_deduplication WHERE queue = ?
                AND seq IN (SELECT seq FROM queue_deduplication WHERE queue = ? AND seq <= ? ORDER BY seq LIMIT ?)
            """, [.integer(queue), .integer(queue), .integer(last), .integer(limit)])
    }
}
