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
        Set(attributes.map(\.typeName)).union(groups.flatMap(\.filters).map(\.typeName))
    }

    /// Counts a node.
    mutating func add(_ node: NodeInventory) {
        nodes += 1
        for (index, group) in groups.enumerated() where InventoryFilter.matches(group.filters, node) { matching[index] += 1 }
        guard !attributes.isEmpty else { return }
        var combinations: Set<[String]> = [[]]
        for attribute in attributes {
            let values = Set(node.entries(of: attribute.typeName).compactMap { $0[JSONString(attribute.name)]?.text })
            combinations = Set(combinations.flatMap { combination in values.map { combination + [$0] } })
        }
        for combination in combinations { counts[combination, default: 0] += 1 }
    }

    /// The entities of the answer: one for the counts, and one for each group.
    var entities: [APIValue] {
        var entities: [APIValue] = []
        if let typeName = attributes.first?.typeName {
            let content: [APIValue] = counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { values, count in
                .stringMap(zip(attributes.map(\.name), values).map { ($0, $1) } + [("Count", "\(count)")])
            }
            entities.append(InventoryAggregation.entity(typeName, content))
        }
        for (group, count) in zip(groups, matching) {
            entities.append(
                InventoryAggregation.entity(
                    group.name, [.stringMap([("matchingCount", "\(count)")]), .stringMap([("notMatchingCount", "\(nodes - count)")])]))
        }
        return entities
    }

    private static func entity(_ name: String, _ content: [APIValue]) -> APIValue {
        let item: APIValue = ["TypeName": .string(name), "SchemaVersion": "1.0", "Content": .list(content)]
        return ["Data": .structure(APIStructure([(name, item)]))]
    }
}
