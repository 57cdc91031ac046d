package import JSONCore

/// Keys of a folder, in their order.
package struct ContentListing: WireMessage {
    /// None at the end.
    package var keys: [String]

    package init(keys: [String]) {
        self.keys = keys
    }

    package init(json: JSONValue) throws(WireError) {
        keys = try WireReader(json).list("keys") { (value: JSONValue) throws(WireError) -> String in
            guard let text = value.text else { throw WireError(member: "", expected: "strings") }
            return text
        }
    }

    package var json: JSONValue { ["keys": .array(keys.map { .text($0) })] }
}
