/// The targets of rules. Changes belong into a batch with `RuleStore.touch`.
package enum RuleTargetStore {
    /// Adds a target, or replaces the one of the same id.
    package static func put(_ record: RuleTargetRecord) -> Statement {
        Statement(
            """
            INSERT INTO rule_target (rule, id, arn, settings) VALUES (?, ?, ?, ?)
            ON CONFLICT (rule, id) DO UPDATE SET arn = excluded.arn, settings = excluded.settings
            """, [.text(record.rule), .text(record.id), .text(record.arn), .blob(record.settings)])
    }

    /// Removes a target; no error when it is absent.
    package static func remove(_ id: String, of rule: String) -> Statement {
        Statement("DELETE FROM rule_target WHERE rule = ? AND id = ?", [.text(rule), .text(id)])
    }

    /// The targets of a rule ordered by id, those after `after`.
    package static func list(
        rule: String, after: String = "", limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [RuleTargetRecord] {
        var records: [RuleTargetRecord] = []
        for row in try transaction.rows(
            "SELECT rule, id, arn, settings FROM rule_target WHERE rule = ? AND id > ? ORDER BY id LIMIT ?",
            [.text(rule), .text(after), .integer(limit)])
        {
            records.append(
                RuleTargetRecord(rule: try row.text(0), id: try row.text(1), arn: try row.text(2), settings: try row.blob(3)))
        }
        return records
    }

    /// The names of a bus's rules that have a target of this ARN, ordered, those after `after`.
    package static func ruleNames(
        target arn: String, account: String, bus: String, after: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [String] {
        var names: [String] = []
        for row in try transaction.rows(
            """
            SELECT DISTINCT rule.name FROM rule_target JOIN rule ON rule.id = rule_target.rule
            WHERE rule_target.arn = ? AND rule.account = ? AND rule.bus = ? AND rule.name > ? ORDER BY rule.name LIMIT ?
            """, [.text(arn), .text(account), .text(bus), .text(after), .integer(limit)])
        {
            names.append(try row.text(0))
        }
        return names
    }
}
