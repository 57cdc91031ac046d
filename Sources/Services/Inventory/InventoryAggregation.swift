import AWSProtocols
import JSONCore

/// One aggregator of GetInventory: counts nodes by the values of attributes, or by whether they pass the filters of groups.
struct InventoryAggregation: Sendable {
    /// An attribute that is counted by.
    private struct Attribute: Sendable {
        let typeName: String
        let name: String
    }

    private struct Group: Sendable {
        let name: String
        let filters: [InventoryFilter]
    }

    /// From the outermost aggregator to the innermost one.
    private let attributes: [Attribute]
    private let groups: [Group]
    private var counts: [[String]: Int] = [:]
    private var matching: [Int]
    private var nodes = 0

    /// Reads an aggregator. Those nested in it refine its counts.
    /// - Throws: `InvalidAggregatorException`, `InvalidInventoryGroupException`, `InvalidFilter`.
    init(_ aggregator: APIStructure) throws(APIError) {
        var attributes: [Attribute] = []
        var groups: [Group] = []
        var level: APIStructure? = aggregator
        while let current = level {
            if let expression = current.string("Expression") { attributes.append(try InventoryAggregation.attribute(expression)) }
            for group in current.structures("Groups") {
                var filters: [InventoryFilter] = []
                for filter in group.structures("Filters") { filters.append(try InventoryFilter(filter)) }
                let name = group.string("Name") ?? ""
                guard !groups.contains(where: { $0.name == name }) else {
                    throw APIError("InvalidInventoryGroupException", "The group name \(name) is given more than once.")
                }
                groups.append(Group(name: name, filters: filters))
            }
            guard current.structures("Aggregators").count <= 1 else {
                throw APIError("InvalidAggregatorException", "An aggregator has one nested aggregator at most.")
            }
            level = current.structures("Aggregators").first
        }
        guard !attributes.isEmpty || !groups.isEmpty else {
            throw APIError("InvalidAggregatorException", "An aggregator needs an expression or groups.")
        }
        self.attributes = attributes
        self.groups = groups
        matching = Array(repeating: 0, count: groups.count)
    }

    private static func attribute(_ expression: String) throws(APIError) -> Attribute {
        guard let dot = expression.lastIndex(of: "."), InventoryTypes.isTypeName(String(expression[..<dot])) else {
            throw APIError(
                "InvalidAggregatorException", "The aggregator expression \(expression) is not valid: it names a type and an attribute, TYPE.ATTRIBUTE.")
        }
        return Attribute(typeName: String(expression[..<dot]), name: String(expression[expression.index(after: dot)...]))
    }

    /// The types that it looks at.
    var typeNames: Set<String> {
        Set(attributes.map(\.typeName)).union(groups.flatMap(\.filters).flatMap(\.typeNames))
    }

    /// Counts a node.
    mutating func add(_ node: NodeInventory) {
        nodes += 1
        for (index, group) in groups.enumerated() where InventoryFilter.matches(group.filters, node) { matching[index] += 1 }
        guard !attributes.isEmpty else { return }
        // The attributes of one type are those of one entry: a name and a version are those of one package.
        var combinations: Set<[String: String]> = [[:]]
        for typeName in Set(attributes.map(\.typeName)) {
            let names = attributes.filter { $0.typeName == typeName }.map(\.name)
            let found = Set(node.entries(of: typeName).compactMap { InventoryAggregation.values(names, of: $0, typeName) })
            combinations = Set(combinations.flatMap { left in found.map { left.merging($0) { first, _ in first } } })
        }
        for combination in combinations { counts[attributes.compactMap { combination["\($0.typeName).\($0.name)"] }, default: 0] += 1 }
    }

    /// The values of attributes of one entry; nil when it lacks one.
    private static func values(_ names: [String], of entry: JSONObject, _ typeName: String) -> [String: String]? {
        var values: [String: String] = [:]
        for name in names {
            guard let value = entry[JSONString(name)]?.text else { return nil }
            values["\(typeName).\(name)"] = value
        }
        return values
    }

    /// The entities of the answer: one for the counts, the most frequent first, and one for all groups.
    var entities: [APIValue] {
        var entities: [APIValue] = []
        if let typeName = attributes.first?.typeName {
            let order = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key) }
            let content: [APIValue] = order.map { values, count in
                .stringMap(zip(attributes.map(\.name), values).map { ($0, $1) } + [("Count", "\(count)")])
            }
            entities.append(InventoryAggregation.entity([(typeName, content)]))
        }
        if !groups.isEmpty {
            entities.append(
                InventoryAggregation.entity(
                    zip(groups, matching).map { group, count in
                        (group.name, [.stringMap([("notMatchingCount", "\(nodes - count)")]), .stringMap([("matchingCount", "\(count)")])])
                    }))
        }
        return entities
    }

    /// As AWS answers an aggregation: content alone.
    private static func entity(_ data: [(name: String, content: [APIValue])]) -> APIValue {
        ["Data": .structure(APIStructure(data.map { ($0.name, ["Content": .list($0.content)]) }))]
    }
}
