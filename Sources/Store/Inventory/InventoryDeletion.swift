package import TimeSource

/// What became of a DeleteInventory.
package struct InventoryDeletion: Sendable, Hashable {
    /// A UUID; they are listed in their order.
    package let id: String
    /// The type whose items were deleted.
    package let typeName: String
    /// When.
    package let startedAt: Timestamp
    /// The summary, as JSON.
    package let summary: [UInt8]

    /// A deletion of these facts.
    package init(id: String, typeName: String, startedAt: Timestamp, summary: [UInt8]) {
        self.id = id
        self.typeName = typeName
        self.startedAt = startedAt
        self.summary = summary
    }
}
