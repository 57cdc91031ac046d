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
