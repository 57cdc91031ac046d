/// A query of AWS Config's advanced queries: the documented subset of SQL's SELECT (AWS Config Developer Guide, "Query components").
///
/// There is no FROM: all configuration items are asked, and `resourceType` tells them apart. NULL, DISTINCT, AS, HAVING and joins do not
/// exist in this language. Beyond the documented subset LIKE takes `%` and `_` anywhere, not only at the end.
package struct Query: Hashable, Sendable {
    /// What is shown of each item or group.
    package enum Field: Hashable, Sendable {
        /// `*`: the properties that every item has.
        case all
        case property(PropertyPath)
        case aggregate(Aggregate)

        /// How answers call it.
        package var name: String {
            switch self {
            case .all: "*"
            case .property(let path): path.text
            case .aggregate(let aggregate): aggregate.name
            }
        }
    }

    /// One part of ORDER BY.
    package struct Order: Hashable, Sendable {
        package let field: Field
        package let isDescending: Bool
    }

    /// At least one.
    package let fields: [Field]
    /// WHERE; nil when every item is asked for.
    package let condition: Condition?
    /// GROUP BY.
    package let grouping: PropertyPath?
    /// ORDER BY, the first part first.
    package let order: [Order]

    /// Reads an expression.
    /// - Throws: `QueryError` with the place of what is wrong.
    package init(_ expression: String) throws(QueryError) {
        var lexer = Lexer(expression)
        var parser = Parser(try lexer.tokens())
        self = try parser.query()
    }

    init(fields: [Field], condition: Condition?, grouping: PropertyPath?, order: [Order]) {
        self.fields = fields
        self.condition = condition
        self.grouping = grouping
        self.order = order
    }

    /// Whether it answers with groups instead of items.
    package var isAggregation: Bool {
        grouping != nil || fields.contains { if case .aggregate = $0 { true } else { false } }
    }

    /// Every property that it looks at, but for those of `*`.
    package var properties: Set<PropertyPath> {
        var properties = condition?.properties ?? []
        if let grouping { properties.insert(grouping) }
        for field in fields + order.map(\.field) {
            switch field {
            case .all: break
            case .property(let path): properties.insert(path)
            case .aggregate(let aggregate): if let path = aggregate.property { properties.insert(path) }
            }
        }
        return properties
    }

    /// The values that a property must have one of, where the condition says so of the whole item; nil when it does not.
    package func requiredValues(of property: String) -> Set<String>? {
        condition?.requiredValues(of: PropertyPath([property]))
    }
}
