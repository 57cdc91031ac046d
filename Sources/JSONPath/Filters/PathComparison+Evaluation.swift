import JSONCore

extension PathComparison {
    /// Whether the comparison holds; nil stands for a path that led nowhere, which equals nothing but itself.
    ///
    /// Source: Jayway JsonPath, `EvaluatorFactory` and `ValueNodes`.
    func holds(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        switch self {
        case .equal: PathComparison.areEqual(left, right)
        case .notEqual: !PathComparison.areEqual(left, right)
        case .identical: PathComparison.areIdentical(left, right)
        case .notIdentical: !PathComparison.areIdentical(left, right)
        case .less: PathComparison.order(left, right) == -1
        case .lessOrEqual: PathComparison.order(left, right).map { $0 <= 0 } ?? false
        case .greater: PathComparison.order(left, right) == 1
        case .greaterOrEqual: PathComparison.order(left, right).map { $0 >= 0 } ?? false
        case .isIn: right?.array.map { PathComparison.list($0, contains: left) } ?? false
        case .isNotIn: !(right?.array.map { PathComparison.list($0, contains: left) } ?? false)
        case .isSubsetOf: PathComparison.lists(left, right) { first, second in first.allSatisfy { PathComparison.list(second, contains: $0) } }
        case .isAnyOf: PathComparison.lists(left, right) { first, second in first.contains { PathComparison.list(second, contains: $0) } }
        case .isNoneOf: PathComparison.lists(left, right) { first, second in !first.contains { PathComparison.list(second, contains: $0) } }
        case .hasAll: PathComparison.lists(left, right) { first, second in second.allSatisfy { PathComparison.list(first, contains: $0) } }
        case .contains: PathComparison.contains(left, right)
        case .hasSize: right?.integer.map { size in PathComparison.size(of: left) == Int(clamping: size) } ?? false
        case .isEmpty: right?.bool.map { expected in PathComparison.size(of: left).map { ($0 == 0) == expected } ?? false } ?? false
        }
    }

    /// A number equals the text that spells it, as in Jayway; else both must be of one type.
    private static func areEqual(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        switch (left, right) {
        case (nil, nil): true
        case (.string(let text)?, .number(let number)?), (.number(let number)?, .string(let text)?):
            JSONNumber(literal: text.bytes).map { $0 == number } ?? false
        case (let first?, let second?): first == second
        default: false
        }
    }

    private static func areIdentical(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left == right
    }

    /// -1, 0 or 1 for two numbers or two texts (by UTF-16 unit, as Java does); nil for anything else.
    private static func order(_ left: JSONValue?, _ right: JSONValue?) -> Int? {
        switch (left, right) {
        case (.number(let first)?, .number(let second)?):
            if first == second { return 0 }
            if let whole = first.integer, let other = second.integer { return whole < other ? -1 : 1 }
            return first.double < second.double ? -1 : 1
        case (.string(let first)?, .string(let second)?):
            if first == second { return 0 }
            return JSONString.utf16Precedes(first, second) ? -1 : 1
        default:
            return nil
        }
    }

    private static func list(_ elements: [JSONValue], contains value: JSONValue?) -> Bool {
        guard let value else { return false }
        return elements.contains { areEqual(value, $0) }
    }

    private static func lists(
        _ left: JSONValue?, _ right: JSONValue?, _ body: ([JSONValue], [JSONValue]) -> Bool
    ) -> Bool {
        guard let first = left?.array, let second = right?.array else { return false }
        return body(first, second)
    }

    /// A list holds an element, or a text holds another text.
    private static func contains(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        switch (left, right) {
        case (.array(let elements)?, _): list(elements, contains: right)
        case (.string(let text)?, .string(let part)?): ByteSearch.contains(text.bytes, part.bytes)
        default: false
        }
    }

    private static func size(of value: JSONValue?) -> Int? {
        switch value {
        case .array(let elements)?: elements.count
        case .object(let object)?: object.count
        case .string(let text)?: text.utf16.count
        default: nil
        }
    }
}
