import JSONCore

/// Which messages of a topic a subscription wants.
///
/// The language is that of "Amazon SNS subscription filter policies" in the SNS Developer Guide: the matchers of event patterns, applied
/// either to the message's attributes or to its body.
package struct FilterPolicy: Hashable, Sendable {
    /// What a policy is applied to; the raw values are those of the subscription's attribute `FilterPolicyScope`.
    package enum Scope: String, Hashable, Sendable {
        /// The message attributes, one level deep.
        case messageAttributes = "MessageAttributes"
        /// The message itself, which must be a JSON object.
        case messageBody = "MessageBody"
    }

    /// A message attribute as it was published.
    package struct Attribute: Hashable, Sendable {
        /// The attribute's name.
        package var name: String
        /// `String`, `Number`, `String.Array` or `Binary`, perhaps with a custom label after another period.
        package var dataType: String
        /// The value as text; for `Binary` it does not matter.
        package var value: String

        /// An attribute of a message.
        package init(name: String, dataType: String, value: String) {
            self.name = name
            self.dataType = dataType
            self.value = value
        }
    }

    private let scope: Scope
    /// nil for the policy `{}`, which every message fulfils.
    private let pattern: EventPattern?

    /// Compiles the JSON text of a policy.
    package init(parsing text: String, scope: Scope) throws(EventPatternError) {
        self.scope = scope
        let policy = try PatternCompiler.parse(text)
        if let object = policy.object, object.isEmpty {
            pattern = nil
            return
        }
        let root = try PatternCompiler.compile(policy)
        if scope == .messageAttributes, Self.isNested(policy) { throw Self.nestedError }
        try Self.checkLimits(of: root, scope: scope)
        pattern = EventPattern(root: root)
    }

    /// Why a policy with fields in fields cannot be applied to attributes, which have none.
    package static let nestedError = EventPatternError(
        "Filter policy scope MessageAttributes does not support nested filter policy")

    /// Whether a field of a policy has fields itself. A name with dots is none such.
    private static func isNested(_ policy: JSONValue) -> Bool {
        (policy.object?.members ?? []).contains { member in
            member.value.object != nil || member.key == "$or" && (member.value.array ?? []).contains(where: isNested)
        }
    }

    /// Whether a message is wanted.
    package func accepts(attributes: [Attribute], body: String) -> Bool {
        guard let pattern else { return true }
        switch scope {
        case .messageAttributes:
            return pattern.matches(.object(Self.object(of: attributes)))
        case .messageBody:
            guard let value = try? JSONParser.parse(body), value.object != nil else { return false }
            return pattern.matches(value)
        }
    }

    /// The attributes as one JSON object. Binary ones are ignored, as are numbers and arrays that cannot be read.
    private static func object(of attributes: [Attribute]) -> JSONObject {
        var object = JSONObject(capacity: attributes.count)
        for attribute in attributes {
            let type = attribute.dataType
            let name = JSONString(attribute.name)
            if type == "String.Array" || type.hasPrefix("String.Array.") {
                if let array = try? JSONParser.parse(attribute.value), array.array != nil { object[name] = array }
            } else if type == "String" || type.hasPrefix("String.") {
                object[name] = .text(attribute.value)
            } else if type == "Number" || type.hasPrefix("Number.") {
                object[name] = JSONNumber(literal: Array(attribute.value.utf8)).map(JSONValue.number)
            }
        }
        return object
    }

    /// At most five names, and at most 150 combinations of values ("Filter policy constraints"). In a body's policy each name counts
    /// as often as it is deep.
    private static func checkLimits(of root: ObjectPattern, scope: Scope) throws(EventPatternError) {
        let leaves = root.leaves
        guard Set(leaves.map(\.path)).count <= 5 else {
            throw EventPatternError("Filter policy can not have more than 5 keys")
        }
        var combinations = 1
        for leaf in leaves {
            let depth = scope == .messageBody ? leaf.path.count : 1
            combinations = min(1_000, combinations * leaf.matcherCount * depth)
        }
        guard combinations <= 150 else { throw EventPatternError("Filter policy is too complex") }
    }
}

extension ObjectPattern {
    /// A field with values, and how many.
    fileprivate struct Leaf {
        var path: [JSONString]
        var matcherCount: Int
    }

    /// All fields with values, of all depths and alternatives.
    fileprivate var leaves: [Leaf] {
        let own = fields.flatMap { field in
            switch field.condition {
            case .object(let pattern): pattern.leaves
            case .values(let matchers): [Leaf(path: field.path, matcherCount: matchers.count)]
            }
        }
        return own + alternatives.flatMap { $0.leaves }
    }
}
