package import TimeSource

/// One type of inventory of one node.
package struct InventoryItem: Sendable, Hashable {
    /// The account of the node.
    package let account: String
    /// The node's id.
    package let node: String
    /// `AWS:Application`, `Custom:RackInformation`, …
    package let typeName: String
    /// `1.0`
    package let schemaVersion: String
    /// When it was collected, as the collector says: `2016-02-02T22:58:35Z`.
    package let captureTime: String
    /// What the collector takes for the hash of the content.
    package let contentHash: String?
    /// SHA-256 of `content`.
    package let digest: [UInt8]
    /// A JSON array of objects of strings.
    package let content: [UInt8]
    /// When it last changed.
    package let changedAt: Timestamp

    /// An item of these facts.
    package init(
        account: String, node: String, typeName: String, schemaVersion: String, captureTime: String, contentHash: String?,
        digest: [UInt8], content: [UInt8], changedAt: Timestamp
    ) {
        self.account = account
        self.node = node
        self.typeName = typeName
        self.schemaVersion = schemaVersion
        self.captureTime = captureTime
        self.contentHash = contentHash
        self.digest = digest
        self.content = content
        self.changedAt = changedAt
    }
}
