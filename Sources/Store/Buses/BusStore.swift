import TimeSource

/// Event buses. A bus without a row does not exist, save the default one.
package enum BusStore {
    private static let columns = "account, name, description, policy, settings, created_at, modified_at FROM event_bus"

    /// Creates a bus. A name that is taken is a conflict.
    package static func create(_ record: BusRecord) -> Statement {
        Statement(
            """
            INSERT INTO event_bus (account, name, description, policy, settings, created_at, modified_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, values(record))
    }

    /// Replaces what is set for a bus, except for the time of its creation. A conflict when it is gone, or was changed since
    /// `previous` was read.
    package static func replace(_ record: BusRecord, previous: BusRecord) -> Statement {
        Statement(
            """
            UPDATE event_bus SET description = ?, policy = ?, settings = ?, modified_at = ?
            WHERE account = ? AND name = ? AND modified_at = ?
            """,
            [
                .text(record.description), .blob(record.policy), .blob(record.settings),
                // Strictly later than before, so that whoever read the bus before this change is refused.
                .integer(max(record.modifiedAt.milliseconds, previous.modifiedAt.milliseconds + 1)), .text(record.account),
                .text(record.name), .integer(previous.modifiedAt.milliseconds),
            ], expecting: .changes(1))
    }

    /// Deletes a bus. A conflict when it is gone already, or has rules.
    package static func delete(name: String, account: String) -> Statement {
        Statement(
            """
            DELETE FROM event_bus WHERE account = ? AND name = ?
            AND NOT EXISTS (SELECT 1 FROM rule WHERE rule.account = ? AND rule.bus = ?)
            """, [.text(account), .text(name), .text(account), .text(name)], expecting: .changes(1))
    }

    /// Holds a batch to a bus that exists: a conflict when it is gone. For the batch that creates a rule on it.
    package static func requirePresent(name: String, account: String) -> Statement {
        Statement(
            "UPDATE event_bus SET modified_at = modified_at WHERE account = ? AND name = ?", [.text(account), .text(name)],
            expecting: .changes(1))
    }

    /// The bus of a name, nil when it has no row.
    package static func find(
        name: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> BusRecord? {
        let row = try transaction.row(
            "SELECT \(columns) WHERE account = ? AND name = ?", [.text(account), .text(name)])
        guard let row else { return nil }
        return try record(row)
    }

    /// How many buses of its own an account has.
    package static func count(account: String, in transaction: any ReadTransaction) throws(StoreError) -> Int {
        Int(
            try transaction.row("SELECT COUNT(*) FROM event_bus WHERE account = ?", [.text(account)])?.integer(0) ?? 0)
    }

    /// The buses whose names begin with `prefix`, ordered by name, those after `after`.
    package static func list(
        account: String, prefix: String, after: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [BusRecord] {
        // Names are ASCII, so the first text that no longer begins with the prefix is the prefix with a larger byte behind it.
        let rows = try transaction.rows(
            "SELECT \(columns) WHERE account = ? AND name > ? AND name >= ? AND name < ? ORDER BY name LIMIT ?",
            [.text(account), .text(after), .text(prefix), .text(prefix + "\u{7F}"), .integer(limit)])
        var records: [BusRecord] = []
        for row in rows { records.append(try record(row)) }
        return records
    }

    private static func values(_ record: BusRecord) -> [SQLValue] {
        [
            .text(record.account), .text(record.name), .text(record.description), .blob(record.policy), .blob(record.settings),
            .integer(record.createdAt.milliseconds), .integer(record.modifiedAt.milliseconds),
        ]
    }

    private static func record(_ row: Row) throws(StoreError) -> BusRecord {
        BusRecord(
            account: try row.text(0), name: try row.text(1), description: row.values[2].text, policy: row.values[3].blob,
            settings: try row.blob(4), createdAt: Timestamp(milliseconds: try row.integer(5)),
            modifiedAt: Timestamp(milliseconds: try row.integer(6)))
    }
}
