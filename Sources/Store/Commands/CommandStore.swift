import TimeSource

/// Commands: what was sent, and how far it is.
package enum CommandStore {
    private static let columns = """
        c.number, c.id, c.account, c.document_name, c.document_version, c.steps, c.digest, c.request, c.requested_at, c.expires_at,
        c.execution_seconds, c.log_group, c.concurrency_limit, c.error_limit, c.target_count,
        p.is_cancelled, p.started, p.completed, p.failed, p.execution_timed_out, p.delivery_timed_out, p.cancelled, p.undelivered,
        p.active
        FROM command c JOIN command_progress p ON p.command = c.number
        """

    /// Adds a command without its invocations. A conflict when its id is taken.
    /// - Parameter active: how many of its invocations are released from the beginning.
    package static func create(_ record: CommandRecord, active: Int) -> [Statement] {
        [
            Statement(
                """
                INSERT INTO command (number, id, account, document_name, document_version, steps, digest, request, requested_at,
                    expires_at, execution_seconds, log_group, concurrency_limit, error_limit, target_count)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .integer(record.number), .text(record.id), .text(record.account), .text(record.documentName),
                    .text(record.documentVersion), .blob(record.steps), .text(record.digest), .blob(record.request),
                    .integer(record.requestedAt.milliseconds), .integer(record.expiresAt.milliseconds),
                    .integer(record.executionSeconds), .text(record.logGroup), .integer(record.concurrencyLimit),
                    .integer(record.errorLimit), .integer(record.targetCount),
                ]),
            Statement(
                """
                INSERT INTO command_progress (command, is_cancelled, active, started, completed, failed, execution_timed_out,
                    delivery_timed_out, cancelled, undelivered) VALUES (?, 0, ?, 0, 0, 0, 0, 0, 0, 0)
                """, [.integer(record.number), .integer(active)]),
        ]
    }

    /// Adds a change to the counts.
    package static func advance(_ number: Int64, by change: CommandProgress) -> Statement {
        Statement(
            """
            UPDATE command_progress SET active = active + ?, started = started + ?, completed = completed + ?, failed = failed + ?,
                execution_timed_out = execution_timed_out + ?, delivery_timed_out = delivery_timed_out + ?,
                cancelled = cancelled + ?, undelivered = undelivered + ?
            WHERE command = ?
            """,
            [
                .integer(change.active), .integer(change.started), .integer(change.completed), .integer(change.failed),
                .integer(change.executionTimedOut), .integer(change.deliveryTimedOut), .integer(change.cancelled),
                .integer(change.undelivered), .integer(number),
            ], expecting: .changes(1))
    }

    /// Takes places for invocations whose turn comes. A conflict when there are not that many any more (`MaxConcurrency`), when there have been
    /// too many errors (`MaxErrors`), or when the command was cancelled.
    package static func takePlaces(_ count: Int, of command: CommandRecord) -> Statement {
        Statement(
            """
            UPDATE command_progress SET active = active + ?
            WHERE command = ? AND is_cancelled = 0 AND active + ? <= ? AND failed + execution_timed_out <= ?
            """,
            [
                .integer(count), .integer(command.number), .integer(count), .integer(command.concurrencyLimit),
                .integer(command.errorLimit),
            ], expecting: .changes(1))
    }

    /// Notes that somebody cancelled the command: no further node gets it.
    package static func cancel(_ number: Int64) -> Statement {
        Statement("UPDATE command_progress SET is_cancelled = 1 WHERE command = ?", [.integer(number)], expecting: .changes(1))
    }

    /// The commands that were cancelled and have invocations that have not ended.
    package static func cancelling(in transaction: any ReadTransaction) throws(StoreError) -> [CommandRecord] {
        try pairs(transaction.rows("SELECT \(columns) WHERE p.is_cancelled = 1 AND p.completed < c.target_count ORDER BY c.number")).map(\.record)
    }

    /// The largest number so far; 0 without commands.
    package static func largestNumber(in transaction: any ReadTransaction) throws(StoreError) -> Int64 {
        try transaction.row("SELECT COALESCE(MAX(number), 0) FROM command")?.integer(0) ?? 0
    }

    /// The command of an id, in an account; nil when there is none.
    package static func find(
        id: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> (record: CommandRecord, progress: CommandProgress)? {
        let row = try transaction.row("SELECT \(columns) WHERE c.id = ? AND c.account = ?", [.text(id), .text(account)])
        guard let row else { return nil }
        return (try record(row), try progress(row))
    }

    /// The command of a number; nil when there is none.
    package static func find(
        number: Int64, in transaction: any ReadTransaction
    ) throws(StoreError) -> (record: CommandRecord, progress: CommandProgress)? {
        guard let row = try transaction.row("SELECT \(columns) WHERE c.number = ?", [.integer(number)]) else { return nil }
        return (try record(row), try progress(row))
    }

    /// The number of an id, whatever its account; nil when there is none. For what nodes say, which know no accounts.
    package static func number(ofID id: String, in transaction: any ReadTransaction) throws(StoreError) -> Int64? {
        try transaction.row("SELECT number FROM command WHERE id = ?", [.text(id)])?.integer(0)
    }

    /// An account's commands, the latest first, those below `number`.
    package static func list(
        account: String, before number: Int64, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [(record: CommandRecord, progress: CommandProgress)] {
        try pairs(
            transaction.rows(
                "SELECT \(columns) WHERE c.account = ? AND c.number < ? ORDER BY c.number DESC LIMIT ?",
                [.text(account), .integer(number), .integer(limit)]))
    }

    /// The commands of a node, the latest first, those below `number`.
    package static func list(
        node: String, account: String, before number: Int64, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [(record: CommandRecord, progress: CommandProgress)] {
        try pairs(
            transaction.rows(
                """
                SELECT \(columns) JOIN command_invocation i ON i.command = c.number
                WHERE i.node = ? AND i.account = ? AND i.command < ? ORDER BY i.command DESC LIMIT ?
                """, [.text(node), .text(account), .integer(number), .integer(limit)]))
    }

    private static func pairs(
        _ rows: [Row]
    ) throws(StoreError) -> [(record: CommandRecord, progress: CommandProgress)] {
        var pairs: [(record: CommandRecord, progress: CommandProgress)] = []
        for row in rows { pairs.append((try record(row), try progress(row))) }
        return pairs
    }

    private static func record(_ row: Row) throws(StoreError) -> CommandRecord {
        CommandRecord(
            number: try row.integer(0), id: try row.text(1), account: try row.text(2), documentName: try row.text(3),
            documentVersion: try row.text(4), steps: try row.blob(5), digest: try row.text(6), request: try row.blob(7),
            requestedAt: Timestamp(milliseconds: try row.integer(8)), expiresAt: Timestamp(milliseconds: try row.integer(9)),
            executionSeconds: try row.integer(10), logGroup: row.values[11].text, concurrencyLimit: Int(try row.integer(12)),
            errorLimit: Int(try row.integer(13)), targetCount: Int(try row.integer(14)))
    }

    private static func progress(_ row: Row) throws(StoreError) -> CommandProgress {
        var progress = CommandProgress()
        progress.isCancelled = try row.integer(15) == 1
        progress.started = Int(try row.integer(16))
        progress.completed = Int(try row.integer(17))
        progress.failed = Int(try row.integer(18))
        progress.executionTimedOut = Int(try row.integer(19))
        progress.deliveryTimedOut = Int(try row.integer(20))
        progress.cancelled = Int(try row.integer(21))
        progress.undelivered = Int(try row.integer(22))
        progress.active = Int(try row.integer(23))
        return progress
    }
}
