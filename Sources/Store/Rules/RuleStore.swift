import TimeSource

/// Rules and their targets.
///
/// Whatever changes a rule or its targets goes through `create`, `replace` or `touch`: each moves the revision, and a batch that decided
/// upon an older one is a conflict.
package enum RuleStore {
    private static let columns = """
        id, account, bus, name, revision, state, schedule_expression, event_pattern, description, role_arn, anchor_at, created_at
        FROM rule
        """

    /// Creates a rule. A name that is taken is a conflict.
    package static func create(_ record: RuleRecord) -> Statement {
        Statement(
            """
            INSERT INTO rule (account, bus, name, id, revision, state, schedule_expression, event_pattern, description, role_arn,
                anchor_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(record.account), .text(record.bus), .text(record.name), .text(record.id), .integer(record.revision),
                .text(record.state.rawValue), .text(record.scheduleExpression), .blob(record.eventPattern),
                .text(record.description), .text(record.roleARN), .integer(record.anchorAt.milliseconds),
                .integer(record.createdAt.milliseconds),
            ])
    }

    /// Replaces what a rule says, at its next revision. A conflict when it was changed or deleted since it was read.
    package static func replace(_ record: RuleRecord) -> Statement {
        Statement(
            """
            UPDATE rule SET revision = revision + 1, state = ?, schedule_expression = ?, event_pattern = ?, description = ?,
                role_arn = ?, anchor_at = ? WHERE id = ? AND revision = ?
            """,
            [
                .text(record.state.rawValue), .text(record.scheduleExpression), .blob(record.eventPattern),
                .text(record.description), .text(record.roleARN), .integer(record.anchorAt.milliseconds), .text(record.id),
                .integer(record.revision),
            ], expecting: .changes(1))
    }

    /// Moves the revision, for a change of the targets. A conflict as `replace`.
    package static func touch(_ record: RuleRecord) -> Statement {
        Statement(
            "UPDATE rule SET revision = revision + 1 WHERE id = ? AND revision = ?",
            [.text(record.id), .integer(record.revision)], expecting: .changes(1))
    }

    /// Holds a batch to the rule and targets that it was made from. A conflict as `replace`.
    package static func requireUnchanged(_ record: RuleRecord) -> Statement {
        Statement(
            "UPDATE rule SET revision = revision WHERE id = ? AND revision = ?",
            [.text(record.id), .integer(record.revision)], expecting: .changes(1))
    }

    /// Deletes a rule with its targets, its due time and the record of its ticks. A conflict as `replace`.
    package static func delete(_ record: RuleRecord) -> [Statement] {
        [
            Statement(
                "DELETE FROM rule WHERE id = ? AND revision = ?", [.text(record.id), .integer(record.revision)],
                expecting: .changes(1)),
            Statement("DELETE FROM rule_target WHERE rule = ?", [.text(record.id)]),
            ScheduleStore.removeDue(record.id),
            Statement("DELETE FROM tick WHERE schedule = ?", [.text(record.id)]),
        ]
    }

    /// The rule of a name, nil when there is none.
    package static func find(
        name: String, bus: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> RuleRecord? {
        let row = try transaction.row(
            "SELECT \(columns) WHERE account = ? AND bus = ? AND name = ?", [.text(account), .text(bus), .text(name)])
        guard let row else { return nil }
        return try record(row)
    }

    /// The rule of an own id, nil when there is none.
    package static func find(id: String, in transaction: any ReadTransaction) throws(StoreError) -> RuleRecord? {
        guard let row = try transaction.row("SELECT \(columns) WHERE id = ?", [.text(id)]) else { return nil }
        return try record(row)
    }

    /// The rules of a bus whose names begin with `prefix`, ordered by name, those after `after`.
    package static func list(
        account: String, bus: String, prefix: String, after: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [RuleRecord] {
        // Names are ASCII, so the first text that no longer begins with the prefix is the prefix with a larger byte behind it.
        let rows = try transaction.rows(
            "SELECT \(columns) WHERE account = ? AND bus = ? AND name > ? AND name >= ? AND name < ? ORDER BY name LIMIT ?",
            [.text(account), .text(bus), .text(after), .text(prefix), .text(prefix + "\u{7F}"), .integer(limit)])
        var records: [RuleRecord] = []
        for row in rows { records.append(try record(row)) }
        return records
    }

    /// The rules of a bus that are for events and act, ordered by name.
    package static func enabledEventRules(
        account: String, bus: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> [RuleRecord] {
        var records: [RuleRecord] = []
        for row in try transaction.rows(
            "SELECT \(columns) WHERE account = ? AND bus = ? AND event_pattern IS NOT NULL AND state <> ? ORDER BY name",
            [.text(account), .text(bus), .text(RuleRecord.State.disabled.rawValue)])
        {
            records.append(try record(row))
        }
        return records
    }

    private static func record(_ row: Row) throws(StoreError) -> RuleRecord {
        guard let state = RuleRecord.State(rawValue: try row.text(5)) else { throw .corrupted("a rule's state") }
        return RuleRecord(
            id: try row.text(0), account: try row.text(1), bus: try row.text(2), name: try row.text(3), revision: try row.integer(4),
            state: state, scheduleExpression: row.values[6].text, eventPattern: row.values[7].blob, description: row.values[8].text,
            roleARN: row.values[9].text, anchorAt: Timestamp(milliseconds: try row.integer(10)),
            createdAt: Timestamp(milliseconds: try row.integer(11)))
    }
}
