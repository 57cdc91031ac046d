/// Which of an account's nodes a command is for: all criteria must hold.
package struct NodeSelection: Sendable, Hashable {
    /// One of these ids, once for each time that ids are asked for.
    package var ids: [[String]] = []
    /// What the nodes' tags must say.
    package var tags: [TagCriterion] = []
    /// Whether nothing can match, whatever the nodes.
    package var isEmpty = false

    /// All nodes.
    package init() {}

    /// The ids of the active nodes that match, in order: one statement, whatever their number.
    package func nodes(account: String, in transaction: any ReadTransaction) throws(StoreError) -> [String] {
        if isEmpty { return [] }
        var sql = "SELECT id FROM managed_node WHERE account = ? AND state = 'Active'"
        var values: [SQLValue] = [.text(account)]
        for ids in ids {
            sql += " AND id IN \(SQLList.of(ids.count))"
            values += ids.map { .text($0) }
        }
        for criterion in tags {
            let condition = criterion.condition(on: "id", account: account)
            sql += " AND " + condition.sql
            values += condition.values
        }
        var nodes: [String] = []
        for row in try transaction.rows(sql + " ORDER BY id", values) { nodes.append(try row.text(0)) }
        return nodes
    }
}
