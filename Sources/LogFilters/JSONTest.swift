import JSONCore

/// One test of a JSON pattern: a property selector and what its value must be.
struct JSONTest: Sendable {
    private enum Step: Sendable {
        case member(JSONString)
        case element(Int)
        case everyMember
        case everyElement
    }

    private enum Requirement: Sendable {
        case isNull
        case isTrue
        case isFalse
        case notExists
        case compares(Comparison)
    }

    private let selector: [Step]
    private let requirement: Requirement

    /// Reads a whole `{ … }` pattern.
    static func parsePattern(_ scanner: inout PatternScanner) throws(LogFilterError) -> Condition<JSONTest> {
        guard scanner.take("{") else { throw .invalidPattern }
        // This one mistake has a text of its own: a shell that took the pattern apart causes it.
        guard scanner.lastNonSpace == UInt8(ascii: "}") else {
            throw LogFilterError(message: "If a filter pattern starts with '{' it must end with '}'")
        }
        let condition = try Condition.parse(&scanner) { (scanner: inout PatternScanner) throws(LogFilterError) in
            try JSONTest(&scanner)
        }
        scanner.skipSpace()
        guard scanner.take("}") else { throw .invalidPattern }
        scanner.skipSpace()
        guard scanner.isAtEnd else { throw .invalidPattern }
        return condition
    }

    /// Whether the message is a JSON object that meets the condition.
    static func evaluate(_ condition: Condition<JSONTest>, on message: ArraySlice<UInt8>) -> Bool {
        // Most lines of a mixed log are no JSON at all: they need no parser to say so.
        guard message.first(where: { !$0.isPatternSpace }) == UInt8(ascii: "{"),
            let value = try? JSONParser.parse(Array(message)), case .object = value
        else { return false }
        return condition.evaluate { $0.passes(value) }
    }

    private init(_ scanner: inout PatternScanner) throws(LogFilterError) {
        selector = try Self.parseSelector(&scanner)
        scanner.skipSpace()
        if scanner.takeKeyword("NOT") {
            scanner.skipSpace()
            guard scanner.takeKeyword("EXISTS") else { throw .invalidPattern }
            requirement = .notExists
        } else if scanner.takeKeyword("IS") {
            scanner.skipSpace()
            if scanner.takeKeyword("NULL") {
                requirement = .isNull
            } else if scanner.takeKeyword("TRUE") {
                requirement = .isTrue
            } else if scanner.takeKeyword("FALSE") {
                requirement = .isFalse
            } else {
                throw .invalidPattern
            }
        } else {
            requirement = .compares(try Comparison(&scanner, terminators: "&|(){}"))
        }
    }

    private func passes(_ value: JSONValue) -> Bool {
        if case .notExists = requirement { return !exists(in: value, from: 0) { _ in true } }
        return exists(in: value, from: 0) { found in
            switch (requirement, found) {
            case (.isNull, .null): true
            case (.isTrue, .bool(let flag)): flag
            case (.isFalse, .bool(let flag)): !flag
            case (.compares(let comparison), .string(let text)): comparison.passes(string: text.bytes)
            case (.compares(let comparison), .number(let number)):
                comparison.passes(number.double, literal: Array(number.text.utf8))
            case (.compares(let comparison), .bool(let flag)): comparison.passes(string: Array((flag ? "true" : "false").utf8))
            // A selector that points to an array or object never matches, `!=` included (User Guide, special considerations).
            default: false
            }
        }
    }

    /// Whether one of the values that the selector's steps from `position` on lead to fulfils `body`.
    private func exists(in value: JSONValue, from position: Int, _ body: (JSONValue) -> Bool) -> Bool {
        guard position < selector.count else { return body(value) }
        switch (selector[position], value) {
        case (.member(let name), .object(let object)):
            guard let member = object[name] else { return false }
            return exists(in: member, from: position + 1, body)
        case (.element(let index), .array(let elements)):
            return index < elements.count && exists(in: elements[index], from: position + 1, body)
        case (.everyMember, .object(let object)):
            return object.members.contains { exists(in: $0.value, from: position + 1, body) }
        case (.everyElement, .array(let elements)):
            return elements.contains { exists(in: $0, from: position + 1, body) }
        default:
            return false
        }
    }

    /// `$` and one or more of `.name`, `.*`, `[0]`, `[*]`, `['name']`.
    private static func parseSelector(_ scanner: inout PatternScanner) throws(LogFilterError) -> [Step] {
        guard scanner.take("$") else { throw .invalidPattern }
        var steps: [Step] = []
        while true {
            if scanner.take(".[") || scanner.take("[") {
                steps.append(try parseBracket(&scanner))
            } else if scanner.take(".") {
                if scanner.take("*") {
                    steps.append(.everyMember)
                } else {
                    let name = scanner.takeUntil { !($0.isWordByte || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ":") || $0 >= 0x80) }
                    guard !name.isEmpty else { throw .invalidPattern }
                    steps.append(.member(JSONString(unchecked: name)))
                }
            } else {
                guard !steps.isEmpty else { throw .invalidPattern }
                return steps
            }
        }
    }

    private static func parseBracket(_ scanner: inout PatternScanner) throws(LogFilterError) -> Step {
        let step: Step
        if scanner.take("*") {
            step = .everyElement
        } else if let quote = scanner.peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
            step = .member(JSONString(unchecked: try scanner.takeQuoted(quote)))
        } else {
            let digits = scanner.takeUntil { !($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) }
            guard let index = Int(String(decoding: digits, as: UTF8.self)) else { throw .invalidPattern }
            step = .element(index)
        }
        guard scanner.take("]") else { throw .invalidPattern }
        return step
    }
}
