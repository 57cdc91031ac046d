package import JSONCore

/// The answer of a query over items that are added one after the other.
package struct QueryResult: Sendable {
    private struct Row: Sendable {
        let shown: JSONValue
        let order: [JSONValue?]
    }

    private let query: Query
    private var rows: [Row] = []
    private var groups: [JSONValue: Group] = [:]

    /// The answer over no items yet.
    package init(_ query: Query) {
        self.query = query
    }

    /// Adds an item, if it is asked for.
    package mutating func add(_ item: JSONValue) {
        guard query.matches(item) else { return }
        guard query.isAggregation else {
            rows.append(Row(shown: query.shown(item), order: query.order.map { QueryResult.value(of: $0.field, in: item) }))
            return
        }
        guard let grouping = query.grouping else {
            groups[.null, default: Group(query)].add(item)
            return
        }
        for value in Set(grouping.values(in: item)) {
            groups[value, default: Group(query)].add(item)
        }
    }

    /// The rows in the order asked for; where that leaves it open, in the order of adding, and groups by their value.
    package func sorted() -> [JSONValue] {
        guard query.isAggregation else { return QueryResult.sorted(rows, query).map(\.shown) }
        if query.grouping == nil { return [(groups[.null] ?? Group(query)).row(nil)] }
        let rows = groups.sorted { ValueOrder($0.key) < ValueOrder($1.key) }.map { value, group in
            Row(shown: group.row(value), order: query.order.map { group.value(of: $0.field, key: value) })
        }
        return QueryResult.sorted(rows, query).map(\.shown)
    }

    private static func value(of field: Query.Field, in item: JSONValue) -> JSONValue? {
        if case .property(let path) = field { path.values(in: item).first } else { nil }
    }

    private static func sorted(_ rows: [Row], _ query: Query) -> [Row] {
        guard !query.order.isEmpty else { return rows }
        return rows.enumerated().sorted { left, right in
            for (index, part) in query.order.enumerated() {
                switch (left.element.order[index], right.element.order[index]) {
                case (nil, nil): continue
                // What has no value comes last, whatever the direction.
                case (nil, _): return false
                case (_, nil): return true
                case (let one?, let other?):
                    let (one, other) = (ValueOrder(one), ValueOrder(other))
                    if one < other { return !part.isDescending }
                    if other < one { return part.isDescending }
                }
            }
            return left.offset < right.offset
        }.map(\.element)
    }
}
