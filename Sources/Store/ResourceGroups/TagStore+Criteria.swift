extension TagStore {
    /// The resources of an account that meet all criteria, ordered by id, those after `id`. Without a criterion: all that carry a tag.
    package static func resources(
        meeting criteria: [TagCriterion], account: String, after id: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [String] {
        var sql = "SELECT DISTINCT resource FROM resource_tag WHERE account = ? AND resource > ?"
        var values: [SQLValue] = [.text(account), .text(id)]
        for criterion in criteria {
            let condition = criterion.condition(on: "resource", account: account)
            sql += " AND " + condition.sql
            values += condition.values
        }
        var resources: [String] = []
        for row in try transaction.rows(sql + " ORDER BY resource LIMIT ?", values + [.integer(limit)]) {
            resources.append(try row.text(0))
        }
        return resources
    }
}
