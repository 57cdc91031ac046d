import JSONCore

/// What a pattern asks of an object: each field to match, and of each group of alternatives one.
struct ObjectPattern: Hashable, Sendable {
    /// A field and what is asked of it.
    struct Field: Hashable, Sendable {
        var name: JSONString
        /// The names from the event's root down to this field.
        var path: [JSONString]
        var condition: Condition
    }

    /// What is asked of a field.
    indirect enum Condition: Hashable, Sendable {
        /// It is an object, or an array with one, that matches.
        case object(ObjectPattern)
        /// One of its values fulfils one of these.
        case values([ValueMatcher])
    }

    /// The fields, all of which must match.
    var fields: [Field] = []
    /// The `$or` of this object; nested ones stand in their alternatives.
    var alternatives: [ObjectPattern] = []

    /// Whether `value` matches, which is an object, an array with objects, or something else that has no fields.
    ///
    /// - Parameter root: the whole event. A field that must not exist must not do so anywhere on its path, whichever element of an
    ///   array is being looked at.
    func matches(_ value: JSONValue, root: JSONValue) -> Bool {
        switch value {
        case .object(let object):
            matches(object, root: root)
        case .array(let elements) where !elements.isEmpty:
            elements.contains { matches($0, root: root) }
        default:
            matches(JSONObject(), root: root)
        }
    }

    private func matches(_ object: JSONObject, root: JSONValue) -> Bool {
        for field in fields {
            let value = object[field.name]
            switch field.condition {
            case .object(let pattern):
                guard pattern.matches(value ?? .null, root: root) else { return false }
            case .values(let matchers):
                guard Self.matches(value, matchers, path: field.path, root: root) else { return false }
            }
        }
        return alternatives.isEmpty || alternatives.contains { $0.matches(object, root: root) }
    }

    /// Whether an object with these plain members may match: what is not among them is not judged.
    func mayMatch(_ facts: [JSONString: JSONValue]) -> Bool {
        for field in fields {
            // Fields below a plain value are all absent, which may be what is asked.
            guard let fact = facts[field.name], case .values(let matchers) = field.condition else { continue }
            guard Self.matchesLeaf(of: fact, matchers) else { return false }
        }
        return alternatives.isEmpty || alternatives.contains { $0.mayMatch(facts) }
    }

    private static func matches(
        _ value: JSONValue?, _ matchers: [ValueMatcher], path: [JSONString], root: JSONValue
    ) -> Bool {
        if matchers.contains(.absent), !hasLeaf(root, at: path[...]) { return true }
        return value.map { matchesLeaf(of: $0, matchers) } ?? false
    }

    /// Whether one of the plain values in `value` fulfils one of the matchers. Objects are no values.
    private static func matchesLeaf(of value: JSONValue, _ matchers: [ValueMatcher]) -> Bool {
        switch value {
        case .object: false
        case .array(let elements): elements.contains { matchesLeaf(of: $0, matchers) }
        default: matchers.contains { $0.matches(value) }
        }
    }

    /// Whether there is a plain value at the path, through whichever elements of arrays.
    private static func hasLeaf(_ value: JSONValue, at path: ArraySlice<JSONString>) -> Bool {
        switch value {
        case .array(let elements):
            return elements.contains { hasLeaf($0, at: path) }
        case .object(let object):
            guard let name = path.first, let member = object[name] else { return false }
            return hasLeaf(member, at: path.dropFirst())
        default:
            return path.isEmpty
        }
    }
}
