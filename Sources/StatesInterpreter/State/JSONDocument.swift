package import JSONCore
import Synchronization

/// A JSON value together with its text; each is made once, on demand, and shared by all who hold the document.
package final class JSONDocument: Sendable {
    /// The text, as it came or as `JSONWriter` wrote it.
    package let text: [UInt8]
    private let parsed: Mutex<JSONValue?>

    /// The document of a value; writes its text.
    package init(_ value: JSONValue) {
        text = JSONWriter.bytes(of: value)
        parsed = Mutex(value)
    }

    /// The document of a text that came from outside; the text is kept as it is.
    package init(parsing text: [UInt8]) throws(JSONParseError) {
        let value = try JSONParser.parse(text)
        self.text = text
        parsed = Mutex(value)
    }

    /// The document of a value whose text is known.
    package init(_ value: JSONValue, text: [UInt8]) {
        self.text = text
        parsed = Mutex(value)
    }

    /// The document of a text that an earlier turn stored under a checksum; it is parsed when somebody looks inside.
    init(stored text: [UInt8]) {
        self.text = text
        parsed = Mutex(nil)
    }

    /// The value.
    package var value: JSONValue {
        parsed.withLock { cached in
            if let cached { return cached }
            // Only stored texts come here; they were JSON when they were written and a checksum guards them since.
            let value = (try? JSONParser.parse(text)) ?? .null
            cached = value
            return value
        }
    }
}

extension JSONDocument: Hashable {
    /// Documents are equal when their texts are.
    package static func == (left: JSONDocument, right: JSONDocument) -> Bool {
        left === right || left.text == right.text
    }

    /// Hashes the text.
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
