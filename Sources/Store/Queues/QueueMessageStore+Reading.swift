package import TimeSource

/// A message as memory needs to know it.
package struct StoredMessage: Sendable {
    /// Its place.
    package let sequence: Int64
    /// When its retention began, in engine time.
    package let retainedFrom: Timestamp
    /// The message group.
    package let groupID: String?
    /// What is in flight of it; nil when it was never received and never hidden.
    package let inFlight: InFlightRow?
    /// What the sender made; nil when it was not read.
    package let content: MessageContent?
}

extension QueueMessageStore {
    /// The messages of a queue in the order of their places, those after `last`, at most `limit`.
    package static func page(
        of queue: Int64, after last: Int64, limit: Int, withContent: Bool, in transaction: any ReadTransaction
    ) throws(StoreError) -> [StoredMessage] {
        let sql = withContent ? fullPage : narrowPage
        return try messages(
            transaction.rows(sql, [.integer(queue), .integer(last), .integer(limit)]), withContent: withContent)
    }

    /// Some messages of a queue, those that there are.
    package static func find(
        _ sequences: [Int64], of queue: Int64, in transaction: any ReadTransaction
    ) throws(StoreError) -> [StoredMessage] {
        var found: [StoredMessage] = []
        for sequence in sequences {
            found += try messages(transaction.rows(single, [.integer(queue), .integer(sequence)]), withContent: true)
        }
        return found
    }

    /// How many messages a queue has after `first`, up to and with `last`.
    package static func count(
        of queue: Int64, after first: Int64, upTo last: Int64, in transaction: any ReadTransaction
    ) throws(StoreError) -> Int {
        let row = try transaction.row(
            "SELECT COUNT(*) FROM queue_message WHERE queue = ? AND seq > ? AND seq <= ?",
            [.integer(queue), .integer(first), .integer(last)])
        return Int(try row?.integer(0) ?? 0)
    }

    /// How many messages after `first` are hidden at this time: in flight, and delayed.
    package static func hiddenCounts(
        of queue: Int64, after first: Int64, at now: Timestamp, in transaction: any ReadTransaction
    ) throws(StoreError) -> (inFlight: Int, delayed: Int) {
        let row = try transaction.row(
            """
            SELECT COUNT(*), COUNT(CASE WHEN receives > 0 THEN 1 END) FROM queue_inflight WHERE queue = ? AND seq > ? AND visible_at > ?
            """, [.integer(queue), .integer(first), .integer(now.milliseconds)])
        let all = Int(try row?.integer(0) ?? 0)
        let inFlight = Int(try row?.integer(1) ?? 0)
        return (inFlight, all - inFlight)
    }

    /// The largest place in a queue; nil when it is empty.
    package static func lastSequence(of queue: Int64, in transaction: any ReadTransaction) throws(StoreError) -> Int64? {
        try transaction.row("SELECT MAX(seq) FROM queue_message WHERE queue = ?", [.integer(queue)])?.values[0].integer
    }

    /// Up to when the first message of a queue was kept; nil when it is empty.
    package static func firstSequence(of queue: Int64, in transaction: any ReadTransaction) throws(StoreError) -> Int64? {
        try transaction.row("SELECT MIN(seq) FROM queue_message WHERE queue = ?", [.integer(queue)])?.values[0].integer
    }

    private static let narrow = """
        m.seq, m.retained_from, m.group_id, i.visible_at, i.receives, i.nonce, i.first_received_at
        """
    private static let full = narrow + ", m.message_id, m.sent_at, m.sender, m.deduplication_id, m.dead_letter_source, m.body, m.attributes"
    private static let tables = "FROM queue_message m LEFT JOIN queue_inflight i ON i.queue = m.queue AND i.seq = m.seq"
    private static let narrowPage = "SELECT \(narrow) \(tables) WHERE m.queue = ? AND m.seq > ? ORDER BY m.seq LIMIT ?"
    private static let fullPage = "SELECT \(full) \(tables) WHERE m.queue = ? AND m.seq > ? ORDER BY m.seq LIMIT ?"
    private static let single = "SELECT \(full) \(tables) WHERE m.queue = ? AND m.seq = ?"

    private static func messages(_ rows: [Row], withContent: Bool) throws(StoreError) -> [StoredMessage] {
        var messages: [StoredMessage] = []
        messages.reserveCapacity(rows.count)
        for row in rows {
            let sequence = try row.integer(0)
            var inFlight: InFlightRow?
            if let visibleAt = row.values[3].integer {
                inFlight = InFlightRow(
                    sequence: sequence, visibleAt: Timestamp(milliseconds: visibleAt), receives: Int(try row.integer(4)),
                    nonce: try row.integer(5), firstReceivedAt: Timestamp(milliseconds: try row.integer(6)))
            }
            messages.append(
                StoredMessage(
                    sequence: sequence,
                    retainedFrom: row.values[1].integer.map(Timestamp.init(milliseconds:)) ?? MessageSequence.time(of: sequence),
                    groupID: row.values[2].text, inFlight: inFlight, content: withContent ? try content(row) : nil))
        }
        return messages
    }

    private static func content(_ row: Row) throws(StoreError) -> MessageContent {
        MessageContent(
            messageID: try row.text(7), sentAt: Timestamp(milliseconds: try row.integer(8)), senderID: try row.text(9),
            groupID: row.values[2].text, deduplicationID: row.values[10].text,
            deadLetterSource: row.values[11].text.flatMap(name), body: String(decoding: try row.blob(12), as: UTF8.self),
            encodedAttributes: row.values[13].blob)
    }
}
