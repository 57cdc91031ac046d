import AWSProtocols
import JSONCore

/// One item of a PutInventory, checked.
struct InventoryItemInput: Sendable {
    let typeName: String
    let schemaVersion: String
    let captureTime: String
    let contentHash: String?
    /// An array of objects of strings; nil when only the hash is given.
    let content: JSONValue?

    /// Reads and checks an item; the model has checked lengths and patterns.
    /// - Throws: `InvalidTypeNameException`, `InvalidItemContentException`, `UnsupportedInventorySchemaVersionException`,
    ///   `UnsupportedInventoryItemContextException`.
    init(_ item: APIStructure) throws(APIError) {
        typeName = try item.requiredString("TypeName")
        schemaVersion = try item.requiredString("SchemaVersion")
        captureTime = try item.requiredString("CaptureTime")
        contentHash = item.string("ContentHash")
        guard InventoryTypes.isTypeName(typeName) else { throw InventoryError.invalidTypeName(typeName) }
        guard item.structure("Context").map(\.isEmpty) ?? true else { throw InventoryError.unsupportedContext(typeName) }
        guard let entries = item.list("Content") else {
            guard contentHash != nil else { throw InventoryError.invalidContent(typeName, "neither content nor its hash is given.") }
            content = nil
            return
        }
        let schema = InventoryTypes.schema(typeName)
        if let schema, schemaVersion.split(separator: ".").first != schema.version.split(separator: ".").first {
            throw InventoryError.unsupportedVersion(typeName, schemaVersion)
        }
        var rows: [JSONValue] = []
        for entry in entries {
            let members = entry.structure?.members ?? []
            if let schema, let stranger = members.first(where: { member in !schema.attributes.contains { $0.name == member.name } }) {
                throw InventoryError.invalidContent(typeName, "it has no attribute \(stranger.name).")
            }
            rows.append(.object(JSONObject(members.map { (JSONString($0.name), .text($0.value.string ?? "")) })))
        }
        content = .array(rows)
    }

    /// The names of all attributes that the entries have.
    var attributes: [String] {
        var names: [String] = []
        for entry in content?.array ?? [] {
            for member in entry.object?.members ?? [] where !names.contains(member.key.text) { names.append(member.key.text) }
        }
        return names
    }
}
