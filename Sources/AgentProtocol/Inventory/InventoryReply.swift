package import JSONCore

/// The server's answer to an `InventoryReport`.
package struct InventoryReply: WireMessage {
    /// Types whose content the server does not have in the form that the report's hash names; the agent sends them in full. Empty when
    /// all is known.
    package var wanted: [String]

    package init(wanted: [String]) {
        self.wanted = wanted
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        wanted = try reader.list("wanted") { (value: JSONValue) throws(WireError) -> String in
            guard let text = value.text else { throw WireError(member: "", expected: "strings") }
            return text
        }
    }

    package var json: JSONValue { ["wanted": .array(wanted.map { .text($0) })] }
}
