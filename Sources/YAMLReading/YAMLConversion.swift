import JSONCore
import Yams

/// Turns the nodes of a YAML document into a JSON value, within the limits of `YAMLReader`.
struct YAMLConversion {
    private var count = 0

    /// The value of a node.
    mutating func value(of node: Node, depth: Int) throws(YAMLParseError) -> JSONValue {
        count += 1
        guard count <= YAMLReader.valueLimit else { throw YAMLConversion.error("more values than can be read", at: node) }
        guard depth <= YAMLReader.depthLimit else { throw YAMLConversion.error("collections are nested too deeply", at: node) }
        switch node {
        case .scalar(let scalar):
            return try YAMLConversion.value(of: scalar)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            elements.reserveCapacity(sequence.count)
            for element in sequence { elements.append(try value(of: element, depth: depth + 1)) }
            return .array(elements)
        case .mapping(let mapping):
            var object = JSONObject(capacity: mapping.count)
            for (key, member) in mapping {
                guard case .scalar(let name) = key else { throw YAMLConversion.error("a key that is no scalar", at: key) }
                guard object.set(JSONString(name.string), try value(of: member, depth: depth + 1)) else {
                    throw YAMLConversion.error("the key \(name.string) stands twice in a mapping", at: key)
                }
            }
            return .object(object)
        case .alias:
            throw YAMLConversion.error("an alias of nothing", at: node)
        }
    }

    private static func value(of scalar: Node.Scalar) throws(YAMLParseError) -> JSONValue {
        switch scalar.tag.description {
        case "tag:yaml.org,2002:str", "!": return .text(scalar.string)
        case "": break
        case let tag where tag.hasPrefix("tag:yaml.org,2002:"): return plain(scalar.string)
        case let tag: throw YAMLParseError("the tag \(tag) is not supported", line: scalar.mark?.line, column: scalar.mark?.column)
        }
        return scalar.style == .plain ? plain(scalar.string) : .text(scalar.string)
    }

    /// What a plain scalar stands for.
    static func plain(_ text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default:
            // JSON's grammar of numbers, so that leading zeros and signs stay text.
            guard let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
                let number = JSONNumber(literal: Array(text.utf8))
            else { return .text(text) }
            return .number(number)
        }
    }

    private static func error(_ reason: String, at node: Node) -> YAMLParseError {
        YAMLParseError(reason, line: node.mark?.line, column: node.mark?.column)
    }
}
