import JSONCore

/// A value that a query names.
package enum Literal: Hashable, Sendable {
    /// A text; with its range when it is an IP address or a block of them.
    case text(String, addresses: AddressRange?)
    case number(Double)
    case bool(Bool)

    /// A text, whose addresses are found out.
    static func text(_ text: String) -> Literal { .text(text, addresses: AddressRange(text)) }

    /// The text of a text.
    var text: String? { if case .text(let text, _) = self { text } else { nil } }

    /// How a property's value stands to this literal; nil when they cannot be compared.
    ///
    /// Addresses are compared as AWS Config does: a block, on either side, is the range of its addresses, `=` asks whether the ranges
    /// meet, `<` and `>` whether the value has addresses below or above (Developer Guide, "CIDR notation/IP range for advanced queries").
    func holds(_ comparison: Comparison, _ value: JSONValue) -> Bool {
        switch self {
        case .text(let text, let addresses):
            if let addresses, let found = value.text.flatMap(AddressRange.init) { return found.holds(comparison, addresses) }
            if let found = value.text { return comparison.holds(TextOrder(found), TextOrder(text)) }
            // A number in quotes is compared as the number that it is.
            guard let found = value.number, let number = Double(text) else { return value.bool.map { "\($0)" == text } ?? false }
            return comparison.holds(found.double, number)
        case .number(let number):
            guard let found = value.number?.double ?? value.text.flatMap(Double.init) else { return false }
            return comparison.holds(found, number)
        case .bool(let flag):
            guard let found = value.bool ?? value.text.flatMap({ Bool($0.lowercased()) }) else { return false }
            return comparison == .equal && found == flag
        }
    }
}

extension Comparison {
    func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }
}
