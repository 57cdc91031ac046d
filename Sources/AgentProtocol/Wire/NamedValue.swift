package import JSONCore

/// A tag or an environment variable. Lists of them keep their order; on the wire they are one JSON object.
package struct NamedValue: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// The list as an object; of equal names the last value stays.
    package static func json(_ list: [NamedValue]) -> JSONValue {
        .object(JSONObject(list.map { (JSONString($0.name), JSONValue.text($0.value)) }))
    }
}
