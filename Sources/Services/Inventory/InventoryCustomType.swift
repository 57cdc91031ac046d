import JSONCore
import Store

/// A custom type, whose attributes are those that its items have had.
struct InventoryCustomType: Sendable, Hashable {
    let typeName: String
    private(set) var schemaVersion: String
    private(set) var attributes: [String]
    private(set) var disabledVersion: String?

    /// A type as stored.
    init(_ type: InventoryType) {
        typeName = type.typeName
        schemaVersion = type.schemaVersion
        attributes = ((try? JSONParser.parse(type.attributes))?.array ?? []).compactMap(\.text)
        disabledVersion = type.disabledVersion
    }

    /// A type that nobody has put an item of yet.
    init(_ typeName: String, version: String) {
        self.typeName = typeName
        schemaVersion = version
        attributes = []
    }

    /// What is to be stored.
    var stored: InventoryType {
        InventoryType(
            typeName: typeName, schemaVersion: schemaVersion,
            attributes: JSONWriter.bytes(of: .array(attributes.map { .text($0) })), disabledVersion: disabledVersion)
    }

    /// Whether items of a version are ignored: of the one that was disabled, and of older ones.
    func ignores(_ version: String) -> Bool {
        disabledVersion.map { VersionOrder(version) < VersionOrder($0) || version == $0 } ?? false
    }

    /// Learns the attributes of an item.
    mutating func learn(version: String, attributes names: [String]) {
        schemaVersion = version
        for name in names where !attributes.contains(where: { $0.utf8.elementsEqual(name.utf8) }) { attributes.append(name) }
    }

    /// Has items of the present version ignored, and of older ones.
    mutating func disable() {
        disabledVersion = schemaVersion
    }
}
