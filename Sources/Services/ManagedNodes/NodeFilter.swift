import AWSProtocols
import AgentProtocol
import Store

/// The filters of DescribeInstanceInformation: all of them must hold, each with one of its values.
struct NodeFilter: Sendable {
    private let filters: [(key: String, values: [String])]

    /// Reads `Filters` and the older `InstanceInformationFilterList`.
    /// - Throws: `InvalidFilterKey`.
    init(_ input: APIStructure) throws(APIError) {
        let strings = input.structures("Filters").map { ($0.string("Key") ?? "", $0.strings("Values")) }
        let plain = input.structures("InstanceInformationFilterList").map { ($0.string("key") ?? "", $0.strings("valueSet")) }
        guard strings.isEmpty || plain.isEmpty else {
            throw .validation("Filters and InstanceInformationFilterList cannot be given together.")
        }
        for (key, _) in strings + plain where !NodeFilter.keys.contains(key) && !key.hasPrefix("tag:") {
            throw APIError("InvalidFilterKey", "The filter key \(key) is not valid.")
        }
        filters = strings + plain
    }

    private static let keys: Set<String> = [
        "InstanceIds", "AgentVersion", "PingStatus", "PlatformTypes", "ActivationIds", "IamRole", "ResourceType",
        "AssociationStatus", "tag-key",
    ]

    /// Whether a node passes.
    func matches(_ node: ManagedNode, in transaction: any ReadTransaction) throws(StoreError) -> Bool {
        for (key, values) in filters {
            let passes =
                switch key {
                case "InstanceIds": values.contains(node.record.id)
                case "AgentVersion": values.contains(node.facts?.agentVersion ?? "")
                case "PingStatus": values.contains(node.pingStatus)
                case "PlatformTypes": values.contains(node.facts?.platformType ?? "")
                case "ActivationIds": values.contains(node.record.activation)
                case "IamRole": values.contains(node.record.role)
                case "ResourceType": values.contains("ManagedInstance")
                case "tag-key": try hasTag(node, values, in: transaction)
                case let tag where tag.hasPrefix("tag:"):
                    try ManagedNodeStore.isTagged(node.record, String(tag.dropFirst(4)), oneOf: values, in: transaction)
                // Associations are not there yet, so no node has a status of them.
                default: false
                }
            if !passes { return false }
        }
        return true
    }

    private func hasTag(
        _ node: ManagedNode, _ keys: [String], in transaction: any ReadTransaction
    ) throws(StoreError) -> Bool {
        for key in keys where try ManagedNodeStore.isTagged(node.record, key, oneOf: [], in: transaction) { return true }
        return false
    }
}
