import JSONCore

/// Compiles match expressions, the objects among a field's values: `{"prefix": "a"}`, `{"numeric": [">", 0]}`.
enum MatchExpression {
    /// The names of all operators.
    static let operators: Set<String> = [
        "anything-but", "cidr", "equals-ignore-case", "exactly", "exists", "numeric", "prefix", "suffix", "wildcard",
    ]

    /// Compiles one expression, which has exactly one operator.
    static func compile(_ expression: JSONObject) throws(EventPatternError) -> ValueMatcher {
        guard let member = expression.members.first else { throw EventPatternError("Match expression name not found") }
        guard operators.contains(member.key.text) else {
            throw EventPatternError("Unrecognized match type \(member.key)")
        }
        guard expression.count == 1 else { throw EventPatternError("Only one key allowed in match expression") }
        return try compile(member.key.text, member.value)
    }

    private static func compile(_ name: String, _ operand: JSONValue) throws(EventPatternError) -> ValueMatcher {
        switch name {
        case "exists":
            guard let exists = operand.bool else {
                throw EventPatternError("exists match pattern must be either true or false.")
            }
            return exists ? .present : .absent
        case "numeric": return .numeric(try numeric(operand))
        case "anything-but": return try anythingBut(operand)
        case "exactly": return .exactly(.string(try string(operand, of: "exact match pattern")))
        case "cidr":
            // AWS says "prefix" here too.
            return .cidr(try CIDRBlock(string(operand, of: "prefix match pattern").text))
        default: return try text(name, operand)
        }
    }

    /// The operators on strings, which `anything-but` takes too.
    private static func text(_ name: String, _ operand: JSONValue) throws(EventPatternError) -> ValueMatcher {
        if name == "prefix" || name == "suffix", let nested = operand.object {
            guard nested.count == 1, let value = nested["equals-ignore-case"] else {
                throw EventPatternError("Unsupported \(name) pattern: \(nested.keys.first?.text ?? "")")
            }
            let folded = ValueMatcher.folded(try string(value, of: "\(name)-equals-ignore-case match pattern"))
            return name == "prefix" ? .prefixIgnoringCase(folded) : .suffixIgnoringCase(folded)
        }
        let string = try string(operand, of: "\(name) match pattern")
        switch name {
        case "prefix": return .prefix(string.bytes)
        case "suffix": return .suffix(string.bytes)
        case "wildcard": return .wildcard(try Wildcard(string.bytes))
        default: return .equalsIgnoringCase(ValueMatcher.folded(string))
        }
    }

    private static func string(_ value: JSONValue, of what: String) throws(EventPatternError) -> JSONString {
        guard let string = value.string else { throw EventPatternError("\(what) must be a string") }
        return string
    }

    /// A string, a number, a list of either, or a match expression on strings with one operand or a list of them.
    private static func anythingBut(_ operand: JSONValue) throws(EventPatternError) -> ValueMatcher {
        switch operand {
        case .string, .number:
            return .anythingBut([.exactly(operand)])
        case .array(let elements):
            guard !elements.isEmpty else { throw EventPatternError("Empty arrays are not allowed") }
            let (strings, numbers) = (elements.filter { $0.string != nil }, elements.filter { $0.number != nil })
            guard strings.count + numbers.count == elements.count else {
                throw EventPatternError("Inside anything but list, start|null|boolean is not supported.")
            }
            guard strings.isEmpty || numbers.isEmpty else {
                throw EventPatternError(
                    "Inside anything but list, either all values are number or string, mixed type is not supported")
            }
            return .anythingBut(elements.map { .exactly($0) })
        case .object(let nested):
            guard let member = nested.members.first else {
                throw EventPatternError("Anything-But expression name not found")
            }
            let name = member.key.text
            guard ["prefix", "suffix", "equals-ignore-case", "wildcard"].contains(name) else {
                throw EventPatternError("Unsupported anything-but pattern: \(name)")
            }
            guard nested.count == 1 else { throw EventPatternError("Only one key allowed in match expression") }
            let operands = member.value.array ?? [member.value]
            guard !operands.isEmpty else { throw EventPatternError("Empty arrays are not allowed") }
            var excluded: [ValueMatcher] = []
            for operand in operands {
                excluded.append(try text(name, excludedString(operand, of: name, inList: member.value.array != nil)))
            }
            return .anythingBut(excluded)
        default:
            throw EventPatternError(notAnExclusion)
        }
    }

    private static let notAnExclusion = "Value of anything-but must be an array or single string/number value."

    /// An operand of an operator inside `anything-but`, which is a string there without exception.
    private static func excludedString(
        _ operand: JSONValue, of name: String, inList: Bool
    ) throws(EventPatternError) -> JSONValue {
        let isAffix = name == "prefix" || name == "suffix"
        if let string = operand.string {
            guard !isAffix || !string.isEmpty else { throw EventPatternError("Null prefix/suffix not allowed") }
            return operand
        }
        guard inList || operand.number != nil else { throw EventPatternError(notAnExclusion) }
        if isAffix { throw EventPatternError("prefix/suffix match pattern must be a string") }
        if name == "wildcard" { throw EventPatternError("wildcard match pattern must be a string") }
        throw EventPatternError("Inside anything-but/\(name) list, number|start|null|boolean is not supported.")
    }

    /// `["=", 5]`, `["<", 5]`, `[">", 0]` or `[">", 0, "<=", 5]`.
    private static func numeric(_ operand: JSONValue) throws(EventPatternError) -> NumericRange {
        guard let terms = operand.array else { throw EventPatternError("Value of numeric must be an array.") }
        guard let first = terms.first else { throw EventPatternError("Invalid member in numeric match: ]") }
        guard let name = first.text else { throw EventPatternError("Invalid member in numeric match: \(first)") }
        var range = NumericRange()
        switch name {
        case "=":
            let value = try bound(terms, at: 1, of: "equals")
            range = NumericRange(
                lower: .init(value: value, isIncluded: true), upper: .init(value: value, isIncluded: true))
        case "<", "<=":
            range.upper = .init(value: try bound(terms, at: 1, of: name), isIncluded: name == "<=")
        case ">", ">=":
            let lower = try bound(terms, at: 1, of: name)
            range.lower = .init(value: lower, isIncluded: name == ">=")
            guard terms.count > 2 else { break }
            guard let second = terms[2].text else { throw EventPatternError("Bad value in numeric range: \(terms[2])") }
            guard second == "<" || second == "<=" else { throw EventPatternError("Bad numeric range operator: \(second)") }
            let upper = try bound(terms, at: 3, of: second)
            guard terms.count == 4 else { throw EventPatternError("Too many terms in numeric range expression") }
            guard lower < upper else { throw EventPatternError("Bottom must be less than top") }
            range.upper = .init(value: upper, isIncluded: second == "<=")
        default:
            throw EventPatternError("Unrecognized numeric range operator: \(name)")
        }
        guard terms.count == 2 || terms.count == 4 && name.hasPrefix(">") else {
            throw EventPatternError("Too many elements in numeric expression")
        }
        return range
    }

    private static func bound(
        _ terms: [JSONValue], at index: Int, of name: String
    ) throws(EventPatternError) -> Double {
        guard index < terms.count, let number = terms[index].number else {
            throw EventPatternError("Value of \(name) must be numeric")
        }
        return number.double
    }
}
