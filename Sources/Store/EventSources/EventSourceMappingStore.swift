import TimeSource

/// Mappings from event sources to functions.
package enum EventSourceMappingStore {
    private static let columns = """
        id, account, source, function, state, version, modified_at, settings FROM event_source_mapping
        """

    /// Adds a mapping. A conflict when the source and the function have one.
    package static func create(_ record: EventSourceMappingRecord) -> Statement {
        Statement(
            """
            INSERT INTO event_source_mapping (account, id, source, function, state, version, modified_at, settings)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(record.account), .text(record.id), .text(record.source), .text(record.function), .text(record.state.rawValue),
                .integer(record.version), .integer(record.modifiedAt.milliseconds), .blob(record.settings),
            ])
    }

    /// Changes a mapping to what `record` says. A conflict when it is not of the version before any more.
    package static func update(_ record: EventSourceMappingRecord) -> Statement {
        Statement(
            """
            UPDATE event_source_mapping SET function = ?, state = ?, version = ?, modified_at = ?, settings = ?
            WHERE account = ? AND id = ? AND version = ?
            """,
            [
                .text(record.function), .text(record.state.rawValue), .integer(record.version),
                .integer(record.modifiedAt.milliseconds), .blob(record.settings), .text(record.account), .text(record.id),
                .integer(record.version - 1),
            ], expecting: .changes(1))
    }

    /// Removes a mapping; no error when it is gone.
    package static func delete(id: String, account: String) -> Statement {
        Statement("DELETE FROM event_source_mapping WHERE account = ? AND id = ?", [.text(account), .text(id)])
    }

    /// The mapping of an id, nil when there is none.
    package static func find(
        id: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> EventSourceMappingRecord? {
        try records(try transaction.rows("SELECT \(columns) WHERE account = ? AND id = ?", [.text(account), .text(id)])).first
    }

    /// The mapping from a source to a function, nil when there is none.
    package static func find(
        source: String, function: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> EventSourceMappingRecord? {
        try records(
            try transaction.rows(
                "SELECT \(columns) WHERE account = ? AND source = ? AND function = ?",
                [.text(account), .text(source), .text(function)])
        ).first
    }

    /// An account's mappings ordered by id, those after `id`.
    package static func list(
        account: String, after id: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [EventSourceMappingRecord] {
        try records(
            try transaction.rows(
                "SELECT \(columns) WHERE account = ? AND id > ? ORDER BY id LIMIT ?", [.text(account), .text(id), .integer(limit)]))
    }

    /// All mappings: for the start.
    package static func all(in transaction: any ReadTransaction) throws(StoreError) -> [EventSourceMappingRecord] {
        try records(try transaction.rows("SELECT \(columns) ORDER BY account, id"))
    }

    private static func records(_ rows: [Row]) throws(StoreError) -> [EventSourceMappingRecord] {
        var records: [EventSourceMappingRecord] = []
        for row in rows {
            guard let state = EventSourceMappingRecord.State(rawValue: try row.text(4)) else {
                throw .corrupted("an event source mapping has an unknown state")
            }
            records.append(
                EventSourceMappingRecord(
                    id: try row.text(0), account: try row.text(1), source: try row.text(2), function: try row.text(3), state: state,
                    version: try row.integer(5), modifiedAt: Timestamp(milliseconds: try row.integer(6)), settings: try row.blob(7)))
        }
        return records
    }
}
