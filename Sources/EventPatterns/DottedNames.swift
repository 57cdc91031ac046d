import JSONCore

/// Fields whose names have dots.
///
/// To a pattern a field `a.b` is the field `b` of an object `a`, in patterns as in events: Event Ruler knows a field by all names on the
/// way to it, joined by dots (EventBridge User Guide, "Considerations when creating event patterns").
enum DottedNames {
    private static let dot = UInt8(ascii: ".")

    /// The names that a field's name stands for, which is mostly one. A name with nothing before, between or behind its dots is left
    /// as it is.
    static func parts(of name: JSONString) -> [JSONString] {
        guard hasDot(name) else { return [name] }
        let parts = name.bytes.split(separator: dot, omittingEmptySubsequences: false)
        return parts.contains(where: \.isEmpty) ? [name] : parts.map { JSONString(unchecked: Array($0)) }
    }

    /// A value in which no field has such a name. Most values are so already and come back as they are.
    static func expanded(_ value: JSONValue) -> JSONValue {
        guard isFound(in: value) else { return value }
        switch value {
        case .array(let elements):
            return .array(elements.map(expanded))
        case .object(let object):
            var result = JSONObject(capacity: object.count)
            for member in object.members {
                let names = parts(of: member.key)
                let nested = names.dropFirst().reversed().reduce(expanded(member.value)) { .object([$1: $0]) }
                result[names[0]] = merged(result[names[0]], nested)
            }
            return .object(result)
        default:
            return value
        }
    }

    /// Two values of one field: objects become one, others stand side by side, since patterns look into arrays.
    private static func merged(_ first: JSONValue?, _ second: JSONValue) -> JSONValue {
        guard let first else { return second }
        guard case .object(var object) = first, case .object(let other) = second else { return .array([first, second]) }
        for member in other.members { object[member.key] = merged(object[member.key], member.value) }
        return .object(object)
    }

    private static func isFound(in value: JSONValue) -> Bool {
        switch value {
        case .object(let object): object.members.contains { hasDot($0.key) || isFound(in: $0.value) }
        case .array(let elements): elements.contains(where: isFound)
        default: false
        }
    }

    private static func hasDot(_ name: JSONString) -> Bool {
        name.withBytes { $0.contains(dot) }
    }
}
