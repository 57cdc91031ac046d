import TimeSource

/// Topics.
package enum TopicStore {
    private static let columns = "id, account, name, attributes, deleted_subscriptions, created_at FROM topic"

    /// Creates a topic. A name that is taken is a conflict.
    package static func create(_ record: TopicRecord) -> Statement {
        Statement(
            "INSERT INTO topic (account, name, id, attributes, deleted_subscriptions, created_at) VALUES (?, ?, ?, ?, 0, ?)",
            [
                .text(record.account), .text(record.name), .text(record.id), .blob(record.attributes),
                .integer(record.createdAt.milliseconds),
            ])
    }

    /// Replaces the attributes. A conflict when the topic was deleted or its attributes are no longer what `record` says.
    package static func setAttributes(_ attributes: [UInt8], of record: TopicRecord) -> Statement {
        Statement(
            "UPDATE topic SET attributes = ? WHERE account = ? AND name = ? AND id = ? AND attributes = ?",
            [.blob(attributes), .text(record.account), .text(record.name), .text(record.id), .blob(record.attributes)],
            expecting: .changes(1))
    }

    /// Holds a batch to a topic that is still there; a conflict when it was deleted.
    package static func requirePresence(of record: TopicRecord) -> Statement {
        Statement(
            "UPDATE topic SET name = name WHERE account = ? AND name = ? AND id = ?",
            [.text(record.account), .text(record.name), .text(record.id)], expecting: .changes(1))
    }

    /// Deletes a topic with its subscriptions and what it remembers.
    package static func delete(_ record: TopicRecord) -> [Statement] {
        [
            Statement(
                "DELETE FROM topic WHERE account = ? AND name = ? AND id = ?",
                [.text(record.account), .text(record.name), .text(record.id)]),
            Statement("DELETE FROM subscription WHERE topic = ?", [.text(record.id)]),
            TopicDeduplicationStore.removeAll(topic: record.id),
        ]
    }

    /// The topic of a name, nil when there is none.
    package static func find(
        name: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> TopicRecord? {
        let row = try transaction.row("SELECT \(columns) WHERE account = ? AND name = ?", [.text(account), .text(name)])
        guard let row else { return nil }
        return try record(row)
    }

    /// An account's topics ordered by name, those after `name`.
    package static func list(
        account: String, after name: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [TopicRecord] {
        var records: [TopicRecord] = []
        for row in try transaction.rows(
            "SELECT \(columns) WHERE account = ? AND name > ? ORDER BY name LIMIT ?",
            [.text(account), .text(name), .integer(limit)])
        {
            records.append(try record(row))
        }
        return records
    }

    private static func record(_ row: Row) throws(StoreError) -> TopicRecord {
        TopicRecord(
            id: try row.text(0), account: try row.text(1), name: try row.text(2), attributes: try row.blob(3),
            deletedSubscriptions: Int(try row.integer(4)), createdAt: Timestamp(milliseconds: try row.integer(5)))
    }
}
