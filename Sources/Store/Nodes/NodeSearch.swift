/// What a list of nodes is narrowed to: all of it must hold.
package enum NodeSearch: Sendable, Hashable {
    /// A column that lists are narrowed by.
    package enum Column: String, Sendable, Hashable {
        case id
        case activation
        case role
        case platformType = "platform_type"
        case agentVersion = "agent_version"
    }

    /// The column has one of the values.
    case oneOf(Column, [String])
    /// The column has none of the values.
    case noneOf(Column, [String])
    /// The column begins with one of the values.
    case beginsWith(Column, [String])
    /// The node has one of these tags; with no values, the key.
    case tagged(key: String, values: [String])
    /// The node has a tag of one of these keys.
    case tagKey([String])
    /// No node.
    case nothing

    /// The condition, and what it binds.
    var condition: (sql: String, values: [SQLValue]) {
        switch self {
        case .oneOf(let column, let values):
            ("\(column.rawValue) IN (\(NodeSearch.marks(values)))", values.map(SQLValue.text))
        case .noneOf(let column, let values):
            ("\(column.rawValue) NOT IN (\(NodeSearch.marks(values)))", values.map(SQLValue.text))
        case .beginsWith(let column, let values):
            (
                "(" + values.map { _ in "substr(\(column.rawValue), 1, CAST(? AS INTEGER)) = ?" }.joined(separator: " OR ") + ")",
                values.flatMap { [.integer($0.unicodeScalars.count), .text($0)] }
            )
        case .tagged(let key, let values):
            (
                "EXISTS (SELECT 1 FROM resource_tag t WHERE t.account = managed_node.account AND t.resource = managed_node.id"
                    + " AND t.tag_key = ?" + (values.isEmpty ? "" : " AND t.tag_value IN (\(NodeSearch.marks(values)))") + ")",
                [.text(key)] + values.map(SQLValue.text)
            )
        case .tagKey(let keys):
            (
                "EXISTS (SELECT 1 FROM resource_tag t WHERE t.account = managed_node.account AND t.resource = managed_node.id"
                    + " AND t.tag_key IN (\(NodeSearch.marks(keys))))",
                keys.map(SQLValue.text)
            )
        case .nothing: ("0 = 1", [])
        }
    }

    private static func marks(_ values: [String]) -> String {
        Array(repeating: "?", count: values.count).joined(separator: ", ")
    }
}
