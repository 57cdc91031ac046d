package import TimeSource

/// Invocations, the queues of their nodes, and their deadlines. Each write keeps the three in step.
package enum InvocationStore {
    private static let columns = """
        i.command, i.node, i.account, i.version, i.is_released, i.status, i.detail, i.attempt, i.incarnation, i.stop_reason,
        i.failure, i.deadline, i.granted_at, i.started_at, i.ended_at
        FROM command_invocation i
        """

    /// Adds invocations that wait, in the queues of their nodes where they are released.
    package static func create(_ records: [InvocationRecord]) -> [Statement] {
        insertions(
            into: "command_invocation (command, node, account, version, is_released, status, detail, attempt, deadline)",
            records.map { record in
                [
                    .integer(record.key.command), .text(record.key.node), .text(record.account), .integer(record.version),
                    .integer(record.isReleased ? 1 : 0), .text(record.state.status.rawValue),
                    .text(record.state.detail.rawValue), .integer(record.state.attempt), .integer(record.deadline?.milliseconds),
                ]
            })
            + insertions(
                into: "node_queue (node, command)",
                records.filter(\.isReleased).map { [.text($0.key.node), .integer($0.key.command)] })
            + insertions(
                into: "command_deadline (due, command, node)",
                records.compactMap { record in
                    record.deadline.map {
                        [.integer($0.milliseconds), .integer(record.key.command), .text(record.key.node)]
                    }
                })
    }

    /// So many rows are added by one statement: a command may have thousands of invocations.
    private static let rowsPerInsertion = 50

    private static func insertions(into table: String, _ rows: [[SQLValue]]) -> [Statement] {
        guard let width = rows.first?.count else { return [] }
        let row = "(" + repeatElement("?", count: width).joined(separator: ", ") + ")"
        let one = "INSERT INTO \(table) VALUES \(row)"
        let many = one + String(repeating: ", " + row, count: rowsPerInsertion - 1)
        let whole = rows.count / rowsPerInsertion * rowsPerInsertion
        return stride(from: 0, to: whole, by: rowsPerInsertion).map { start in
            Statement(many, rows[start..<start + rowsPerInsertion].flatMap(\.self))
        } + rows[whole...].map { Statement(one, $0) }
    }

    /// Takes an invocation from one state to the next. A conflict when it has changed since it was read.
    /// - Parameter deadline: when to look at it again; nil for never.
    package static func update(
        _ record: InvocationRecord, to state: InvocationState, deadline: Timestamp?
    ) -> [Statement] {
        var statements = [
            Statement(
                """
                UPDATE command_invocation SET version = version + 1, status = ?, detail = ?, attempt = ?, incarnation = ?,
                    stop_reason = ?, failure = ?, deadline = ?, granted_at = ?, started_at = ?, ended_at = ?
                WHERE command = ? AND node = ? AND version = ?
                """,
                [
                    .text(state.status.rawValue), .text(state.detail.rawValue), .integer(state.attempt),
                    .integer(state.incarnation), .text(state.stopReason?.rawValue), .text(state.failure),
                    .integer(deadline?.milliseconds), .integer(state.grantedAt?.milliseconds),
                    .integer(state.startedAt?.milliseconds), .integer(state.endedAt?.milliseconds),
                    .integer(record.key.command), .text(record.key.node), .integer(record.version),
                ], expecting: .changes(1))
        ]
        if record.isReleased, record.state.status == .pending, state.status != .pending {
            statements.append(
                Statement(
                    "DELETE FROM node_queue WHERE node = ? AND command = ?",
                    [.text(record.key.node), .integer(record.key.command)]))
        }
        if deadline != record.deadline {
            if let old = record.deadline {
                statements.append(
                    Statement(
                        "DELETE FROM command_deadline WHERE due = ? AND command = ? AND node = ?",
                        [.integer(old.milliseconds), .integer(record.key.command), .text(record.key.node)]))
            }
            if let deadline { statements.append(setDeadline(deadline, of: record.key)) }
        }
        return statements
    }

    /// Puts an invocation into its node's queue, now that its turn has come; its place is taken by `CommandStore.takePlaces`. A conflict when
    /// that happened already or it ended.
    package static func release(_ key: InvocationRecord.Key) -> [Statement] {
        [
            Statement(
                """
                UPDATE command_invocation SET is_released = 1, version = version + 1
                WHERE command = ? AND node = ? AND is_released = 0 AND status = 'Pending'
                """, [.integer(key.command), .text(key.node)], expecting: .changes(1)),
            Statement("INSERT INTO node_queue (node, command) VALUES (?, ?)", [.text(key.node), .integer(key.command)]),
        ]
    }

    /// Stores how the steps ended.
    package static func setResults(_ results: [PluginResult], of key: InvocationRecord.Key) -> [Statement] {
        results.map { result in
            Statement(
                """
                INSERT INTO command_plugin (command, node, step, status, detail, response_code, started_at, ended_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .integer(key.command), .text(key.node), .integer(result.step), .text(result.status.rawValue),
                    .text(result.detail.rawValue), .integer(result.responseCode), .integer(result.startedAt?.milliseconds),
                    .integer(result.endedAt?.milliseconds),
                ])
        }
    }

    private static func setDeadline(_ deadline: Timestamp, of key: InvocationRecord.Key) -> Statement {
        Statement(
            "INSERT INTO command_deadline (due, command, node) VALUES (?, ?, ?)",
            [.integer(deadline.milliseconds), .integer(key.command), .text(key.node)])
    }

    // MARK: Reading

    /// An invocation; nil when there is none.
    package static func find(
        _ key: InvocationRecord.Key, in transaction: any ReadTransaction
    ) throws(StoreError) -> InvocationRecord? {
        let row = try transaction.row(
            "SELECT \(columns) WHERE i.command = ? AND i.node = ?", [.integer(key.command), .text(key.node)])
        guard let row else { return nil }
        return try record(row)
    }

    /// How the steps ended, in order; empty before the end.
    package static func results(
        of key: InvocationRecord.Key, in transaction: any ReadTransaction
    ) throws(StoreError) -> [PluginResult] {
        var results: [PluginResult] = []
        for row in try transaction.rows(
            """
            SELECT step, status, detail, response_code, started_at, ended_at FROM command_plugin
            WHERE command = ? AND node = ? ORDER BY step
            """, [.integer(key.command), .text(key.node)])
        {
            guard let status = InvocationState.Status(rawValue: try row.text(1)),
                let detail = InvocationState.Detail(rawValue: try row.text(2))
            else { throw .corrupted("command_plugin has an unknown status") }
            results.append(
                PluginResult(
                    step: Int(try row.integer(0)), status: status, detail: detail, responseCode: Int(try row.integer(3)),
                    startedAt: row.values[4].integer.map(Timestamp.init(milliseconds:)),
                    endedAt: row.values[5].integer.map(Timestamp.init(milliseconds:))))
        }
        return results
    }

    /// The invocations of a command ordered by node, those after `node`.
    package static func list(
        command: Int64, after node: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [InvocationRecord] {
        try records(
            transaction.rows(
                "SELECT \(columns) WHERE i.command = ? AND i.node > ? ORDER BY i.node LIMIT ?",
                [.integer(command), .text(node), .integer(limit)]))
    }

    /// The invocations on a node, the latest first, those below the command's number.
    package static func list(
        node: String, account: String, before command: Int64, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [InvocationRecord] {
        try records(
            transaction.rows(
                "SELECT \(columns) WHERE i.node = ? AND i.account = ? AND i.command < ? ORDER BY i.command DESC LIMIT ?",
                [.text(node), .text(account), .integer(command), .integer(limit)]))
    }

    /// An account's invocations, the latest command first and in it by node, those behind the given one.
    package static func list(
        account: String, behind key: InvocationRecord.Key, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [InvocationRecord] {
        try records(
            transaction.rows(
                """
                SELECT \(columns) JOIN command c ON c.number = i.command
                WHERE c.account = ? AND c.number <= ? AND (c.number < ? OR i.node > ?)
                ORDER BY c.number DESC, i.node LIMIT ?
                """,
                [.text(account), .integer(key.command), .integer(key.command), .text(key.node), .integer(limit)]))
    }

    /// The invocations that may be running on a node.
    package static func running(
        on node: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> [InvocationRecord] {
        try records(
            transaction.rows(
                "SELECT \(columns) WHERE i.node = ? AND i.status IN ('InProgress', 'Cancelling') ORDER BY i.command",
                [.text(node)]))
    }

    /// Invocations that may be running on nodes that are not in service any more: a crash came between the two.
    package static func runningOnDeregisteredNodes(
        limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [InvocationRecord.Key] {
        var keys: [InvocationRecord.Key] = []
        for row in try transaction.rows(
            """
            SELECT i.command, i.node FROM command_invocation i JOIN managed_node n ON n.id = i.node
            WHERE i.status IN ('InProgress', 'Cancelling') AND n.state = 'Deregistered' LIMIT ?
            """, [.integer(limit)])
        {
            keys.append(InvocationRecord.Key(command: try row.integer(0), node: try row.text(1)))
        }
        return keys
    }

    /// What waits for a node and may be offered now, the oldest command first: nothing during its maintenance.
    package static func queued(
        for node: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [QueuedCommand] {
        var queued: [QueuedCommand] = []
        for row in try transaction.rows(
            """
            SELECT q.command, c.id, c.document_name, c.digest, i.attempt FROM node_queue q
            JOIN command c ON c.number = q.command
            JOIN command_invocation i ON i.command = q.command AND i.node = q.node
            JOIN managed_node n ON n.id = q.node
            WHERE q.node = ? AND n.maintenance_at IS NULL ORDER BY q.command LIMIT ?
            """, [.text(node), .integer(limit)])
        {
            queued.append(
                QueuedCommand(
                    command: try row.integer(0), commandID: try row.text(1), documentName: try row.text(2),
                    digest: try row.text(3), attempt: Int(try row.integer(4))))
        }
        return queued
    }

    /// Invocations whose turn has not come, by node.
    package static func held(
        command: Int64, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [InvocationRecord.Key] {
        var keys: [InvocationRecord.Key] = []
        for row in try transaction.rows(
            """
            SELECT node FROM command_invocation WHERE command = ? AND status = 'Pending' AND is_released = 0
            ORDER BY node LIMIT ?
            """, [.integer(command), .integer(limit)])
        {
            keys.append(InvocationRecord.Key(command: command, node: try row.text(0)))
        }
        return keys
    }

    /// The commands with invocations whose turn has not come.
    package static func commandsWithHeld(in transaction: any ReadTransaction) throws(StoreError) -> [Int64] {
        var numbers: [Int64] = []
        for row in try transaction.rows(
            "SELECT DISTINCT command FROM command_invocation WHERE status = 'Pending' AND is_released = 0 ORDER BY command")
        {
            numbers.append(try row.integer(0))
        }
        return numbers
    }

    /// Invocations whose deadline is reached, the earliest first.
    package static func due(
        by instant: Timestamp, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [InvocationRecord.Key] {
        var keys: [InvocationRecord.Key] = []
        for row in try transaction.rows(
            "SELECT command, node FROM command_deadline WHERE due <= ? ORDER BY due LIMIT ?",
            [.integer(instant.milliseconds), .integer(limit)])
        {
            keys.append(InvocationRecord.Key(command: try row.integer(0), node: try row.text(1)))
        }
        return keys
    }

    private static func records(_ rows: [Row]) throws(StoreError) -> [InvocationRecord] {
        var records: [InvocationRecord] = []
        for row in rows { records.append(try record(row)) }
        return records
    }

    private static func record(_ row: Row) throws(StoreError) -> InvocationRecord {
        guard let status = InvocationState.Status(rawValue: try row.text(5)),
            let detail = InvocationState.Detail(rawValue: try row.text(6))
        else { throw .corrupted("command_invocation has an unknown status") }
        var state = InvocationState()
        state.status = status
        state.detail = detail
        state.attempt = Int(try row.integer(7))
        state.incarnation = row.values[8].integer
        state.stopReason = row.values[9].text.flatMap(InvocationState.StopReason.init(rawValue:))
        state.failure = row.values[10].text
        state.grantedAt = row.values[12].integer.map(Timestamp.init(milliseconds:))
        state.startedAt = row.values[13].integer.map(Timestamp.init(milliseconds:))
        state.endedAt = row.values[14].integer.map(Timestamp.init(milliseconds:))
        return InvocationRecord(
            key: InvocationRecord.Key(command: try row.integer(0), node: try row.text(1)), account: try row.text(2),
            version: try row.integer(3), isReleased: try row.integer(4) == 1, state: state,
            deadline: row.values[11].integer.map(Timestamp.init(milliseconds:)))
    }
}
