package import TimeSource

/// A message on its way into its table.
package struct QueueMessageRow: Sendable {
    /// The queue's id.
    package let queue: Int64
    /// Its place.
    package let sequence: Int64
    /// What the sender made.
    package let content: MessageContent

    /// A row of these values.
    package init(queue: Int64, sequence: Int64, content: MessageContent) {
        self.queue = queue
        self.sequence = sequence
        self.content = content
    }
}

/// What a consumer's receive leaves: which one it was, and until when the message is hidden. With 0 receives it is a delay.
package struct InFlightRow: Sendable, Hashable {
    /// The message's place.
    package let sequence: Int64
    /// Hidden until then, in engine time.
    package var visibleAt: Timestamp
    /// How often it was received.
    package var receives: Int
    /// A random number, by which receipt handles of this receive are known.
    package var nonce: Int64
    /// When it was received first, by the wall clock.
    package var firstReceivedAt: Timestamp

    /// A row of these values.
    package init(sequence: Int64, visibleAt: Timestamp, receives: Int, nonce: Int64, firstReceivedAt: Timestamp) {
        self.sequence = sequence
        self.visibleAt = visibleAt
        self.receives = receives
        self.nonce = nonce
        self.firstReceivedAt = firstReceivedAt
    }
}

/// The messages of queues and what is in flight of them. Statements take up to `batch` rows each, so that a batch of a client's is one.
package enum QueueMessageStore {
    /// How many rows one statement takes.
    package static let batch = 10

    /// Cuts what a statement takes many of into pieces of at most `batch`.
    package static func chunks<Element>(_ elements: [Element], _ body: (ArraySlice<Element>) -> Void) {
        var start = 0
        while start < elements.count {
            let end = min(start + batch, elements.count)
            body(elements[start..<end])
            start = end
        }
    }

    // MARK: Sending

    /// Adds messages, at most `batch`. A conflict when a place is taken.
    package static func insert(_ rows: ArraySlice<QueueMessageRow>) -> Statement {
        var values: [SQLValue] = []
        values.reserveCapacity(rows.count * 10)
        for row in rows {
            let content = row.content
            values.append(.integer(row.queue))
            values.append(.integer(row.sequence))
            values.append(.text(content.messageID))
            values.append(.integer(content.sentAt.milliseconds))
            values.append(.text(content.senderID))
            values.append(.text(content.groupID))
            values.append(.text(content.deduplicationID))
            values.append(.text(content.deadLetterSource.map(text)))
            values.append(.blob(Array(content.body.utf8)))
            values.append(.blob(content.encodedAttributes))
        }
        return Statement(inserts[rows.count], values)
    }

    /// Moves a message to another queue, as it is but for its place; in the same batch with `delete`. No error when it is gone.
    /// - Parameters:
    ///   - source: kept as where it came from; nil to keep none.
    ///   - messageID: a new id, nil to keep the old one.
    ///   - sentAt: a new time of sending, nil to keep the old one.
    ///   - retainedFrom: when its retention began, nil for now.
    package static func move(
        _ sequence: Int64, of queue: Int64, to target: Int64, as newSequence: Int64, from source: QueueName?, messageID: String?,
        sentAt: Timestamp?, retainedFrom: Timestamp?
    ) -> Statement {
        Statement(
            """
            INSERT INTO queue_message
                (queue, seq, message_id, sent_at, retained_from, sender, group_id, deduplication_id, dead_letter_source, body, attributes)
            SELECT CAST(? AS BIGINT), CAST(? AS BIGINT), COALESCE(CAST(? AS TEXT), message_id), COALESCE(CAST(? AS BIGINT), sent_at),
                CAST(? AS BIGINT), sender, group_id, deduplication_id, CAST(? AS TEXT), body, attributes
            FROM queue_message WHERE queue = ? AND seq = ?
            """,
            [
                .integer(target), .integer(newSequence), .text(messageID), .integer(sentAt?.milliseconds),
                .integer(retainedFrom?.milliseconds), .text(source.map(text)), .integer(queue), .integer(sequence),
            ])
    }

    /// Takes the receives of a message along when it moves, in the same batch as `move`, before `delete`: it is visible, and its count goes on.
    package static func moveReceives(_ sequence: Int64, of queue: Int64, to target: Int64, as newSequence: Int64) -> Statement {
        Statement(
            """
            INSERT INTO queue_inflight (queue, seq, visible_at, receives, nonce, first_received_at)
            SELECT CAST(? AS BIGINT), CAST(? AS BIGINT), 0, receives, 0, first_received_at FROM queue_inflight WHERE queue = ? AND seq = ?
            """, [.integer(target), .integer(newSequence), .integer(queue), .integer(sequence)])
    }

    // MARK: Receiving

    /// Hides messages, at most `batch`: a receive, or the delay of new ones.
    package static func hide(_ rows: ArraySlice<InFlightRow>, of queue: Int64) -> Statement {
        var values: [SQLValue] = []
        values.reserveCapacity(rows.count * 6)
        for row in rows {
            values.append(.integer(queue))
            values.append(.integer(row.sequence))
            values.append(.integer(row.visibleAt.milliseconds))
            values.append(.integer(row.receives))
            values.append(.integer(row.nonce))
            values.append(.integer(row.firstReceivedAt.milliseconds))
        }
        return Statement(hides[rows.count], values)
    }

    /// Changes until when a message is hidden, unless it was received again since.
    package static func changeVisibility(of sequence: Int64, in queue: Int64, nonce: Int64, to visibleAt: Timestamp) -> Statement {
        Statement(
            "UPDATE queue_inflight SET visible_at = ? WHERE queue = ? AND seq = ? AND nonce = ?",
            [.integer(visibleAt.milliseconds), .integer(queue), .integer(sequence), .integer(nonce)])
    }

    /// Deletes messages and what was in flight of them, at most `batch`. No error for those that are gone.
    package static func delete(_ sequences: ArraySlice<Int64>, from queue: Int64) -> [Statement] {
        let values = [.integer(queue)] + sequences.map { SQLValue.integer($0) }
        return [Statement(deletes[sequences.count], values), Statement(releases[sequences.count], values)]
    }

    // MARK: Deletion of many

    /// Deletes the first messages of a queue, those up to and with `last`, at most `limit`.
    package static func deleteMessages(of queue: Int64, upTo last: Int64, limit: Int) -> Statement {
        prune("queue_message", queue, last, limit)
    }

    /// Deletes what was in flight of the first messages of a queue, those up to and with `last`, at most `limit`.
    package static func deleteInFlight(of queue: Int64, upTo last: Int64, limit: Int) -> Statement {
        prune("queue_inflight", queue, last, limit)
    }

    private static func prune(_ table: String, _ queue: Int64, _ last: Int64, _ limit: Int) -> Statement {
        Statement(
            """
            DELETE FROM \(table) WHERE queue = ?
                AND seq IN (SELECT seq FROM \(table) WHERE queue = ? AND seq <= ? ORDER BY seq LIMIT ?)
            """, [.integer(queue), .integer(queue), .integer(last), .integer(limit)])
    }

    // MARK: Texts

    private static let inserts = texts { count in
        """
        INSERT INTO queue_message
            (queue, seq, message_id, sent_at, sender, group_id, deduplication_id, dead_letter_source, body, attributes)
        VALUES \(list(count, of: "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"))
        """
    }

    private static let hides = texts { count in
        """
        INSERT INTO queue_inflight (queue, seq, visible_at, receives, nonce, first_received_at)
        VALUES \(list(count, of: "(?, ?, ?, ?, ?, ?)"))
        ON CONFLICT (queue, seq) DO UPDATE SET visible_at = excluded.visible_at, receives = excluded.receives, nonce = excluded.nonce,
            first_received_at = excluded.first_received_at
        """
    }

    private static let deletes = texts { "DELETE FROM queue_message WHERE queue = ? AND seq IN (\(list($0, of: "?")))" }
    private static let releases = texts { "DELETE FROM queue_inflight WHERE queue = ? AND seq IN (\(list($0, of: "?")))" }

    /// A text for each number of rows, so that those kept prepared stay few.
    private static func texts(_ text: (Int) -> String) -> [String] { (0...batch).map(text) }

    static func list(_ count: Int, of element: String) -> String {
        Array(repeating: element, count: count).joined(separator: ", ")
    }

    static func text(_ name: QueueName) -> String { "\(name.account) \(name.name)" }

    static func name(_ text: String) -> QueueName? {
        let parts = text.split(separator: " ", maxSplits: 1)
        return parts.count == 2 ? QueueName(account: String(parts[0]), name: String(parts[1])) : nil
    }
}
