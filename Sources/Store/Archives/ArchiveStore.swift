import TimeSource

/// Archives of event buses.
package enum ArchiveStore {
    private static let columns =
        "id, account, name, version, bus, description, event_pattern, retention_days, key_identifier, created_at FROM archive"

    /// Creates an archive, which is empty. A name that is taken is a conflict.
    package static func create(_ record: ArchiveRecord) -> [Statement] {
        [
            Statement(
                """
                INSERT INTO archive (id, account, name, version, bus, description, event_pattern, retention_days, key_identifier,
                    created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .integer(record.id), .text(record.account), .text(record.name), .integer(record.version), .text(record.bus),
                    .text(record.description), .blob(record.eventPattern), .integer(record.retentionDays),
                    .text(record.keyIdentifier), .integer(record.createdAt.milliseconds),
                ]),
            Statement("INSERT INTO archive_size (archive, events, bytes) VALUES (?, 0, 0)", [.integer(record.id)]),
        ]
    }

    /// Replaces an archive by its next version. A conflict when it was changed or deleted since it was read.
    package static func replace(_ record: ArchiveRecord) -> Statement {
        Statement(
            """
            UPDATE archive SET version = ?, description = ?, event_pattern = ?, retention_days = ?, key_identifier = ?
            WHERE id = ? AND version = ?
            """,
            [
                .integer(record.version), .text(record.description), .blob(record.eventPattern), .integer(record.retentionDays),
                .text(record.keyIdentifier), .integer(record.id), .integer(record.version - 1),
            ], expecting: .changes(1))
    }

    /// Deletes an archive; its events follow in the background (`ArchivedEventStore.removals`). A conflict as `replace`.
    package static func delete(_ record: ArchiveRecord) -> [Statement] {
        [
            Statement(
                "DELETE FROM archive WHERE id = ? AND version = ?", [.integer(record.id), .integer(record.version)],
                expecting: .changes(1)),
            Statement("DELETE FROM archive_size WHERE archive = ?", [.integer(record.id)]),
            Statement("INSERT INTO archive_removal (archive) VALUES (?)", [.integer(record.id)]),
        ]
    }

    /// The archive of a name with its size; nil when there is none.
    package static func find(
        _ name: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> (record: ArchiveRecord, size: ArchiveSize)? {
        let row = try transaction.row(
            "SELECT \(columns) WHERE account = ? AND name = ?", [.text(account), .text(name)])
        guard let row else { return nil }
        let record = try record(row)
        return (record, try size(of: record.id, in: transaction))
    }

    /// The archives of an account by name, those after `name`, at most `limit`.
    package static func list(
        account: String, after name: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [(record: ArchiveRecord, size: ArchiveSize)] {
        var found: [(record: ArchiveRecord, size: ArchiveSize)] = []
        for row in try transaction.rows(
            "SELECT \(columns) WHERE account = ? AND name > ? ORDER BY name LIMIT ?", [.text(account), .text(name), .integer(limit)])
        {
            let record = try record(row)
            found.append((record, try size(of: record.id, in: transaction)))
        }
        return found
    }

    /// All archives of all accounts.
    package static func all(in transaction: any ReadTransaction) throws(StoreError) -> [ArchiveRecord] {
        var records: [ArchiveRecord] = []
        for row in try transaction.rows("SELECT \(columns) ORDER BY id") { records.append(try record(row)) }
        return records
    }

    /// Whether an archive of this number is there.
    package static func exists(_ id: Int64, in transaction: any ReadTransaction) throws(StoreError) -> Bool {
        try transaction.row("SELECT 1 FROM archive WHERE id = ?", [.integer(id)]) != nil
    }

    private static func size(of id: Int64, in transaction: any ReadTransaction) throws(StoreError) -> ArchiveSize {
        let row = try transaction.row("SELECT events, bytes FROM archive_size WHERE archive = ?", [.integer(id)])
        guard let row else { return ArchiveSize() }
        return ArchiveSize(events: try row.integer(0), bytes: try row.integer(1))
    }

    private static func record(_ row: Row) throws(StoreError) -> ArchiveRecord {
        ArchiveRecord(
            id: try row.integer(0), account: try row.text(1), name: try row.text(2), version: try row.integer(3),
            bus: try row.text(4), description: row.values[5].text, eventPattern: row.values[6].blob,
            retentionDays: try row.integer(7), keyIdentifier: row.values[8].text,
            createdAt: Timestamp(milliseconds: try row.integer(9)))
    }
}
