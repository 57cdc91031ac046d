import AWSProtocols
import AgentProtocol
import JSONCore
import Store
import TimeSource

/// What is known of one node, as far as it was read.
struct NodeInventory: Sendable {
    /// What every node has.
    static let information = "AWS:InstanceInformation"

    let node: ManagedNode
    private let items: [String: InventoryItem]

    /// A node and those of its items that are wanted.
    init(_ node: ManagedNode, _ items: [InventoryItem]) {
        self.node = node
        self.items = Dictionary(items.map { ($0.typeName, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The entries of a type; none when the node has nothing of it.
    func entries(of typeName: String) -> [JSONObject] {
        if typeName == NodeInventory.information { return [information] }
        return items[typeName].map(NodeInventory.entries) ?? []
    }

    /// The entries of an item.
    static func entries(_ item: InventoryItem) -> [JSONObject] {
        ((try? JSONParser.parse(item.content))?.array ?? []).compactMap(\.object)
    }

    /// AWS's `InventoryResultItem`; nil when the node has nothing of the type.
    func result(of typeName: String) -> APIValue? {
        let item = items[typeName]
        guard item != nil || typeName == NodeInventory.information else { return nil }
        return [
            "TypeName": .string(typeName), "SchemaVersion": .string(item?.schemaVersion ?? "1.0"),
            "CaptureTime": .string(item?.captureTime ?? node.lastPingAt.iso8601Seconds),
            "ContentHash": .optional(item?.contentHash), "Content": NodeInventory.content(entries(of: typeName)),
        ]
    }

    /// Entries for an answer.
    static func content(_ entries: some Sequence<JSONObject>) -> APIValue {
        .list(entries.map { entry in .stringMap(entry.members.map { ($0.key.text, $0.value.text ?? "") }) })
    }

    /// `AWS:InstanceInformation` is there for every node, also for one that has told nothing but its facts; its status is that of now.
    private var information: JSONObject {
        var entry = items[NodeInventory.information].map(NodeInventory.entries)?.first ?? JSONObject()
        func complete(_ name: String, _ value: String?) {
            if let value, !value.isEmpty, entry[JSONString(name)] == nil { entry[JSONString(name)] = .text(value) }
        }
        let facts = node.facts
        complete("AgentType", "nightshift-agent")
        complete("AgentVersion", facts?.agentVersion)
        complete("ComputerName", facts?.hostname)
        complete("InstanceId", node.record.id)
        complete("IpAddress", facts?.ipAddress)
        complete("PlatformName", facts?.platformName)
        complete("PlatformType", facts?.platformType)
        complete("PlatformVersion", facts?.platformVersion)
        complete("ResourceType", "ManagedInstance")
        entry["InstanceStatus"] = .text(node.pingStatus == "Online" ? "Active" : node.pingStatus)
        return entry
    }
}
