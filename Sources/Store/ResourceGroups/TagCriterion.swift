/// What tags must say of a resource.
package enum TagCriterion: Sendable, Hashable {
    /// It carries this key, with one of these values; with none given, whatever the value.
    case tag(key: String, values: [String])
    /// It carries one of these keys.
    case oneOfKeys([String])

    /// The condition that a resource's id, as `TagStore` knows it, meets the criterion. An id is looked for in the tags, not the tags for
    /// each id: what a criterion costs is what it matches.
    func condition(on column: String, account: String) -> (sql: String, values: [SQLValue]) {
        switch self {
        case .tag(let key, let values):
            let oneOf = values.isEmpty ? "" : " AND tag_value IN \(SQLList.of(values.count))"
            return (
                "\(column) IN (SELECT resource FROM resource_tag WHERE account = ? AND tag_key = ?\(oneOf))",
                [.text(account), .text(key)] + values.map { .text($0) }
            )
        case .oneOfKeys(let keys):
            return (
                "\(column) IN (SELECT resource FROM resource_tag WHERE account = ? AND tag_key IN \(SQLList.of(keys.count)))",
                [.text(account)] + keys.map { .text($0) }
            )
        }
    }
}

/// Lists of placeholders.
enum SQLList {
    /// `(?, ?)` for two. Nothing is in an empty list.
    static func of(_ count: Int) -> String {
        count == 0 ? "(NULL)" : "(" + repeatElement("?", count: count).joined(separator: ", ") + ")"
    }
}

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
