import AWSProtocols
import Store

/// The filters of DescribeInstanceInformation and DescribeInstanceProperties: all of them must hold, each with one of its values.
struct NodeFilter: Sendable {
    /// What the database narrows the list to.
    private(set) var search: [NodeSearch] = []
    /// What only the server's memory knows, or what SQL cannot compare: asked of each node that the database finds.
    private var checks: [@Sendable (ManagedNode) -> Bool] = []

    /// The filters of a DescribeInstanceInformation: `Filters`, or the older `InstanceInformationFilterList`.
    /// - Throws: `InvalidFilterKey`, `InvalidInstanceInformationFilterValue`.
    init(information input: APIStructure) throws(APIError) {
        let strings = input.structures("Filters").map { ($0.string("Key") ?? "", $0.strings("Values")) }
        let plain = input.structures("InstanceInformationFilterList").map { ($0.string("key") ?? "", $0.strings("valueSet")) }
        guard strings.isEmpty || plain.isEmpty else {
            throw .validation("Filters and InstanceInformationFilterList cannot be given together.")
        }
        for (key, values) in strings + plain {
            try add(key, .equal, values, invalidValue: "InvalidInstanceInformationFilterValue")
        }
    }

    /// The filters of a DescribeInstanceProperties.
    /// - Throws: `InvalidFilterKey`, `InvalidInstancePropertyFilterValue`.
    init(properties input: APIStructure) throws(APIError) {
        for filter in input.structures("InstancePropertyFilterList") {
            try add(filter.string("key") ?? "", .equal, filter.strings("valueSet"), invalidValue: "InvalidInstancePropertyFilterValue")
        }
        for filter in input.structures("FiltersWithOperator") {
            let comparison = filter.string("Operator").flatMap(Operator.init) ?? .equal
            try add(filter.string("Key") ?? "", comparison, filter.strings("Values"), invalidValue: "InvalidInstancePropertyFilterValue")
        }
    }

    /// Whether a node that the database found passes.
    func matches(_ node: ManagedNode) -> Bool {
        checks.allSatisfy { $0(node) }
    }

    private enum Operator: String {
        case equal = "Equal"
        case notEqual = "NotEqual"
        case beginWith = "BeginWith"
        case lessThan = "LessThan"
        case greaterThan = "GreaterThan"
    }

    private static let pingStatuses: Set<String> = ["Online", "ConnectionLost", "Inactive"]
    private static let platformTypes: Set<String> = ["Windows", "Linux", "MacOS"]
    private static let resourceTypes: Set<String> = ["ManagedInstance", "EC2Instance"]

    private mutating func add(
        _ key: String, _ comparison: Operator, _ values: [String], invalidValue: String
    ) throws(APIError) {
        func require(_ allowed: Set<String>) throws(APIError) {
            for value in values where comparison != .beginWith && !allowed.contains(value) {
                throw APIError(invalidValue, "The specified filter value is not valid: \(value).")
            }
        }
        switch key {
        case "InstanceIds": column(.id, comparison, values)
        case "ActivationIds": column(.activation, comparison, values)
        case "IamRole": column(.role, comparison, values)
        case "AgentVersion": column(.agentVersion, comparison, values)
        case "PlatformTypes":
            try require(NodeFilter.platformTypes)
            column(.platformType, comparison, values)
        case "PingStatus":
            try require(NodeFilter.pingStatuses)
            checks.append { NodeFilter.compare($0.pingStatus, comparison, values) }
        case "ResourceType":
            try require(NodeFilter.resourceTypes)
            if !NodeFilter.compare("ManagedInstance", comparison, values) { search.append(.nothing) }
        // There are no associations, so no node has a status of them, or is associated with a document.
        case "AssociationStatus", "DocumentName": if comparison != .notEqual { search.append(.nothing) }
        case "tag-key": search.append(.tagKey(values))
        case let tag where tag.utf8.starts(with: "tag:".utf8) && tag.utf8.count > 4:
            search.append(.tagged(key: String(tag.dropFirst(4)), values: values))
        default: throw APIError("InvalidFilterKey", "The specified key is not valid: \(key).")
        }
    }

    private mutating func column(_ column: NodeSearch.Column, _ comparison: Operator, _ values: [String]) {
        switch comparison {
        case .equal: search.append(.oneOf(column, values))
        case .notEqual: search.append(.noneOf(column, values))
        case .beginWith: search.append(.beginsWith(column, values))
        case .lessThan, .greaterThan: checks.append { NodeFilter.compare($0.value(of: column), comparison, values) }
        }
    }

    private static func compare(_ value: String, _ comparison: Operator, _ values: [String]) -> Bool {
        switch comparison {
        case .equal: values.contains { $0.utf8.elementsEqual(value.utf8) }
        case .notEqual: !values.contains { $0.utf8.elementsEqual(value.utf8) }
        case .beginWith: values.contains { value.utf8.starts(with: $0.utf8) }
        case .lessThan: values.contains { VersionOrder(value) < VersionOrder($0) }
        case .greaterThan: values.contains { VersionOrder($0) < VersionOrder(value) }
        }
    }
}
