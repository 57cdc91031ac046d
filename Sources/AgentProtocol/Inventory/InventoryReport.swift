package import JSONCore

/// What the agent found on its host, an item per type of Systems Manager's inventory, as `PutInventory` takes them.
///
/// The agent first sends every item without its content. The server names in `InventoryReply` those whose content it does not have, and
/// these follow. So an unchanged host costs a few hundred bytes, and a server that lost its data gets them again.
package struct InventoryReport: WireMessage {
    /// One type's rows.
    package struct Item: WireMessage {
        /// Such as `AWS:Application`.
        package var typeName: String
        /// Such as `1.1`.
        package var schemaVersion: String
        /// When the host was looked at: `YYYY-MM-DDThh:mm:ssZ`.
        package var captureTime: String
        /// SHA-256 of the content's JSON text, lower-case hexadecimal: the same rows have the same hash.
        package var contentHash: String
        /// The rows, attribute by value, attributes named as AWS's inventory schema names them; nil when the content is not sent.
        package var content: [[NamedValue]]?

        package init(
            typeName: String, schemaVersion: String, captureTime: String, contentHash: String, content: [[NamedValue]]? = nil
        ) {
            self.typeName = typeName
            self.schemaVersion = schemaVersion
            self.captureTime = captureTime
            self.contentHash = contentHash
            self.content = content
        }

        package init(json: JSONValue) throws(WireError) {
            let reader = try WireReader(json)
            typeName = try reader.text("typeName")
            schemaVersion = try reader.text("schemaVersion")
            captureTime = try reader.text("captureTime")
            contentHash = try reader.text("contentHash")
            content = reader.optional("content") == nil ? nil : try reader.list("content") { (value: JSONValue) throws(WireError) in
                try WireReader(.object(JSONObject.of(("row", value)))).pairs("row")
            }
        }

        package var json: JSONValue {
            var object = JSONObject.of(
                ("typeName", .text(typeName)), ("schemaVersion", .text(schemaVersion)), ("captureTime", .text(captureTime)),
                ("contentHash", .text(contentHash)))
            if let content { object["content"] = Self.json(content) }
            return .object(object)
        }

        /// Rows as JSON: what the hash is made of.
        package static func json(_ content: [[NamedValue]]) -> JSONValue {
            .array(content.map { NamedValue.json($0) })
        }
    }

    /// The server refuses larger bodies. A host with ten thousand packages needs a third of it.
    package static let byteLimit = 16 * 1024 * 1024

    package var items: [Item]

    package init(items: [Item]) {
        self.items = items
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        items = try reader.list("items") { (value: JSONValue) throws(WireError) in try Item(json: value) }
    }

    package var json: JSONValue { ["items": .array(items.map(\.json))] }
}
