/// A custom type of inventory, made by the first item of it.
package struct InventoryType: Sendable, Hashable {
    /// `Custom:…`
    package let typeName: String
    /// The version of the latest item.
    package let schemaVersion: String
    /// A JSON array of the names of all attributes seen.
    package let attributes: [UInt8]
    /// Items of this version and of older ones are ignored; nil when none is.
    package let disabledVersion: String?

    /// A type of these facts.
    package init(typeName: String, schemaVersion: String, attributes: [UInt8], disabledVersion: String? = nil) {
        self.typeName = typeName
        self.schemaVersion = schemaVersion
        self.attributes = attributes
        self.disabledVersion = disabledVersion
    }
}
