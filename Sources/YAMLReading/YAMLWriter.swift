package import JSONCore
import Yams

/// Writes a JSON value as YAML, in block style; texts that a parser would take for something else are quoted.
package enum YAMLWriter {
    /// The text of a value. `YAMLReader` reads it back as an equal value.
    package static func text(of value: JSONValue) -> String {
        // The emitter fails on texts that are no Unicode, which Swift's are not.
        (try? Yams.serialize(node: node(of: value), width: -1, allowUnicode: true)) ?? JSONWriter.text(of: value)
    }

    private static func node(of value: JSONValue) -> Node {
        switch value {
        case .null: Node("null", Tag(.implicit), .plain)
        case .bool(let flag): Node(flag ? "true" : "false", Tag(.implicit), .plain)
        case .number: Node(JSONWriter.text(of: value), Tag(.implicit), .plain)
        case .string(let string): node(of: string.text)
        case .array(let elements): Node(elements.map(node))
        case .object(let object): Node(object.members.map { (node(of: $0.key.text), node(of: $0.value)) })
        }
    }

    private static func node(of text: String) -> Node {
        if text.utf8.contains(UInt8(ascii: "\n")) { return Node(text, Tag(.implicit), .literal) }
        // Quoted is what this reader would not read as text; what parsers of YAML 1.1 resolve (`yes`, `0644`, dates) the library quotes.
        guard case .string = YAMLConversion.plain(text) else { return Node(text, Tag(.str), .singleQuoted) }
        return .scalar(text.represented())
    }
}
