import JSONCore

/// Attributes of a topic or subscription as they are stored: names with texts, ordered by name so that equal ones have equal bytes.
struct AttributeTable: Sendable, Equatable {
    private var values: [String: String] = [:]

    /// No attributes.
    init() {}

    /// These attributes.
    init(_ values: some Sequence<(String, String)>) {
        for (name, value) in values { self.values[name] = value }
    }

    /// What was stored; anything else reads as nothing.
    init(stored: [UInt8]) {
        guard let object = (try? JSONParser.parse(stored))?.object else { return }
        for member in object.members { values[member.key.text] = member.value.text }
    }

    /// The form that is stored.
    var encoded: [UInt8] {
        JSONWriter.bytes(of: .object(JSONObject(entries.map { (JSONString($0.0), JSONValue.text($0.1)) })))
    }

    /// The names and values, ordered by name.
    var entries: [(String, String)] { values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    /// The value of a name; setting nil removes it.
    subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }
}
