import AWSProtocols
import JSONCore

/// One filter of inventory: an attribute of a type, and what it is compared with; or types, of which a node must have one.
struct InventoryFilter: Sendable {
    /// AWS's `InventoryQueryOperatorType`.
    enum Comparison: String, Sendable {
        case equal = "Equal"
        case notEqual = "NotEqual"
        case beginWith = "BeginWith"
        case lessThan = "LessThan"
        case greaterThan = "GreaterThan"
        case exists = "Exists"
    }

    /// The type of the attribute; nil for a filter on types.
    let typeName: String?
    /// nil for a filter on types.
    let attribute: String?
    let comparison: Comparison
    let values: [String]

    /// Reads a filter.
    /// - Parameter impliedType: the type of keys that name only an attribute; nil when keys must name both.
    /// - Throws: `InvalidFilter`.
    init(_ filter: APIStructure, impliedType: String? = nil) throws(APIError) {
        let key = filter.string("Key") ?? ""
        comparison = filter.string("Type").flatMap(Comparison.init) ?? .equal
        values = filter.strings("Values")
        if key == "TypeName", impliedType == nil {
            for value in values where !InventoryTypes.isTypeName(value) { throw InventoryError.invalidFilter("\(value) is no inventory type.") }
            (typeName, attribute) = (nil, nil)
        } else if let impliedType, !key.utf8.starts(with: "\(impliedType).".utf8) {
            guard !key.contains(":") else { throw InventoryError.invalidFilter("The filter key \(key) is not of the type \(impliedType).") }
            (typeName, attribute) = (impliedType, key)
        } else {
            guard let dot = key.lastIndex(of: "."), InventoryTypes.isTypeName(String(key[..<dot])), key.index(after: dot) < key.endIndex else {
                throw InventoryError.invalidFilter("The filter key \(key) is not valid: it names a type and an attribute, TYPE.ATTRIBUTE.")
            }
            (typeName, attribute) = (String(key[..<dot]), String(key[key.index(after: dot)...]))
        }
    }

    /// The types that it looks at.
    var typeNames: Set<String> { typeName.map { [$0] } ?? Set(values) }

    /// Whether one entry passes.
    func matches(_ entry: JSONObject) -> Bool {
        guard let attribute else { return true }
        let value = entry[JSONString(attribute)]?.text
        switch comparison {
        case .exists: return (value != nil) == wantsExistence
        case .notEqual: return !values.contains { $0.utf8.elementsEqual((value ?? "").utf8) }
        default: break
        }
        guard let value else { return false }
        return values.contains { wanted in
            switch comparison {
            case .equal: wanted.utf8.elementsEqual(value.utf8)
            case .beginWith: value.utf8.starts(with: wanted.utf8)
            case .lessThan: VersionOrder(value) < VersionOrder(wanted)
            case .greaterThan: VersionOrder(wanted) < VersionOrder(value)
            case .notEqual, .exists: false
            }
        }
    }

    /// Whether it asks that something be missing, which concerns all entries of a type and not one of them.
    var isNegative: Bool { comparison == .notEqual || (comparison == .exists && !wantsExistence) }

    private var wantsExistence: Bool { values.first?.lowercased() != "false" }

    /// Whether a node passes all of them. Filters on one type are met by one entry together: a name and a version are those of one package.
    static func matches(_ filters: [InventoryFilter], _ node: NodeInventory) -> Bool {
        for filter in filters where filter.typeName == nil {
            let hasOne = filter.values.contains { node.result(of: $0) != nil }
            guard hasOne != (filter.comparison == .notEqual) else { return false }
        }
        for typeName in Set(filters.compactMap(\.typeName)) {
            let ofType = filters.filter { $0.typeName == typeName }
            let (negative, positive) = (ofType.filter(\.isNegative), ofType.filter { !$0.isNegative })
            let entries = node.entries(of: typeName)
            guard positive.isEmpty || entries.contains(where: { entry in positive.allSatisfy { $0.matches(entry) } }) else { return false }
            guard entries.allSatisfy({ entry in negative.allSatisfy { $0.matches(entry) } }) else { return false }
        }
        return true
    }
}
