package import TimeSource

/// Replays of archives.
package enum ReplayStore {
    private static let columns = """
        account, name, id, archive, source_arn, destination_arn, filter_arns, description, state, state_reason, event_start, event_end,
        cursor_time, cursor_sequence, started_at, ended_at FROM replay
        """

    /// Creates a replay. A name that is taken is a conflict.
    package static func create(_ record: ReplayRecord) -> Statement {
        Statement(
            """
            INSERT INTO replay (account, name, id, archive, source_arn, destination_arn, filter_arns, description, state,
                state_reason, event_start, event_end, cursor_time, cursor_sequence, started_at, ended_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?, NULL)
            """,
            [
                .text(record.account), .text(record.name), .text(record.id), .integer(record.archive), .text(record.sourceARN),
                .text(record.destinationARN), .blob(Array(record.filterARNs.joined(separator: "\n").utf8)),
                .text(record.description), .text(record.state.rawValue), .text(record.stateReason),
                .integer(record.eventStart.milliseconds), .integer(record.eventEnd.milliseconds),
                .integer(record.startedAt.milliseconds),
            ])
    }

    /// Notes how far a replay is, in the transaction of the events that it replays. A conflict when it was cancelled or ended meanwhile,
    /// or is further than `record` says: then nothing of the transaction happens, and no event is replayed a second time.
    package static func advance(_ record: ReplayRecord, to cursor: ArchivedEventStore.Position) -> Statement {
        var values: [SQLValue] = [
            .integer(cursor.time.milliseconds), .integer(cursor.sequence), .text(record.account), .text(record.name), .text(record.id),
        ]
        var condition = "cursor_time IS NULL"
        if let last = record.cursor {
            condition = "cursor_time = ? AND cursor_sequence = ?"
            values += [.integer(last.time.milliseconds), .integer(last.sequence)]
        }
        return Statement(
            """
            UPDATE replay SET state = 'RUNNING', cursor_time = ?, cursor_sequence = ?
            WHERE account = ? AND name = ? AND id = ? AND state IN ('STARTING', 'RUNNING') AND \(condition)
            """, values, expecting: .changes(1))
    }

    /// Takes a replay from a state to the next. A conflict when it is in another state by now.
    /// - Parameter endedAt: when it ended, by the wall clock; nil for a state that is no end.
    package static func move(
        _ record: ReplayRecord, to state: ReplayRecord.State, reason: String?, endedAt: Timestamp?
    ) -> Statement {
        Statement(
            "UPDATE replay SET state = ?, state_reason = ?, ended_at = ? WHERE account = ? AND name = ? AND id = ? AND state = ?",
            [
                .text(state.rawValue), .text(reason), .integer(endedAt?.milliseconds), .text(record.account), .text(record.name),
                .text(record.id), .text(record.state.rawValue),
            ], expecting: .changes(1))
    }

    /// The replay of a name; nil when there is none.
    package static func find(
        _ name: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> ReplayRecord? {
        let row = try transaction.row("SELECT \(columns) WHERE account = ? AND name = ?", [.text(account), .text(name)])
        guard let row else { return nil }
        return try record(row)
    }

    /// The replays of an account by name, those after `name`, at most `limit`.
    package static func list(
        account: String, after name: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [ReplayRecord] {
        try records(
            transaction.rows(
                "SELECT \(columns) WHERE account = ? AND name > ? ORDER BY name LIMIT ?",
                [.text(account), .text(name), .integer(limit)]))
    }

    /// The replays of all accounts that have not ended. They are few: an account may have ten.
    package static func unfinished(in transaction: any ReadTransaction) throws(StoreError) -> [ReplayRecord] {
        try records(transaction.rows("SELECT \(columns) WHERE ended_at IS NULL ORDER BY account, name"))
    }

    /// Forgets replays that ended before an instant, `limit` at most.
    package static func prune(before instant: Timestamp, limit: Int) -> Statement {
        Statement(
            """
            DELETE FROM replay WHERE (account, name) IN
            (SELECT account, name FROM replay WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at LIMIT ?)
            """, [.integer(instant.milliseconds), .integer(limit)])
    }

    private static func records(_ rows: [Row]) throws(StoreError) -> [ReplayRecord] {
        var records: [ReplayRecord] = []
        for row in rows { records.append(try record(row)) }
        return records
    }

    private static func record(_ row: Row) throws(StoreError) -> ReplayRecord {
        guard let state = ReplayRecord.State(rawValue: try row.text(8)) else { throw .corrupted("replay has an unknown state") }
        let filters = String(decoding: try row.blob(6), as: UTF8.self)
        var cursor: ArchivedEventStore.Position?
        if let time = row.values[12].integer {
            cursor = ArchivedEventStore.Position(time: Timestamp(milliseconds: time), sequence: try row.integer(13))
        }
        return ReplayRecord(
            account: try row.text(0), name: try row.text(1), id: try row.text(2), archive: try row.integer(3),
            sourceARN: try row.text(4), destinationARN: try row.text(5),
            filterARNs: filters.isEmpty ? [] : filters.split(separator: "\n").map(String.init), description: row.values[7].text,
            state: state, stateReason: row.values[9].text, eventStart: Timestamp(milliseconds: try row.integer(10)),
            eventEnd: Timestamp(milliseconds: try row.integer(11)), cursor: cursor,
            startedAt: Timestamp(milliseconds: try row.integer(14)),
            endedAt: row.values[15].integer.map(Timestamp.init(milliseconds:)))
    }
}
