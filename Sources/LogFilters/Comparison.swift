/// An operator with its right side: what a JSON value or a field is compared with.
struct Comparison: Sendable {
    /// How the two sides have to relate.
    enum Operator: Sendable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    }

    private enum Operand: Sendable {
        /// Text with an asterisk at its start, at its end or at both; inside it an asterisk stands for itself.
        case text([UInt8], anyPrefix: Bool, anySuffix: Bool)
        case number(Double, literal: [UInt8])
        case expression(RegularExpression)
    }

    private let comparator: Operator
    private let operand: Operand

    /// Reads an operator and its operand. An unquoted operand ends at space or one of `terminators`.
    init(_ scanner: inout PatternScanner, terminators: StaticString) throws(LogFilterError) {
        comparator = try Self.parseOperator(&scanner)
        scanner.skipSpace()
        operand = try Self.parseOperand(&scanner, terminators: terminators)
        guard comparator != .equal, comparator != .notEqual else { return }
        guard case .number = operand else { throw .invalidPattern }
    }

    /// Whether a text passes. It is compared as a number where the pattern asks for one and the text is one.
    func passes(_ text: ArraySlice<UInt8>) -> Bool {
        switch operand {
        case .number(let wanted, let literal):
            if let number = Self.number(text) { return passes(number, wanted) }
            guard comparator == .equal || comparator == .notEqual else { return false }
            return (text.elementsEqual(literal)) == (comparator == .equal)
        case .text(let wanted, let anyPrefix, let anySuffix):
            let found = Self.matches(text, wanted, anyPrefix: anyPrefix, anySuffix: anySuffix)
            return found == (comparator == .equal)
        case .expression(let expression):
            return expression.matches(text) == (comparator == .equal)
        }
    }

    /// Whether a number passes that was written as `literal`.
    func passes(_ value: Double, literal: [UInt8]) -> Bool {
        if case .number(let wanted, _) = operand { return passes(value, wanted) }
        return passes(literal[...])
    }

    /// Whether a JSON string passes: ordering compares numbers only, equality compares the text.
    func passes(string: [UInt8]) -> Bool {
        guard case .number(_, let literal) = operand else { return passes(string[...]) }
        guard comparator == .equal || comparator == .notEqual else { return false }
        return (string == literal) == (comparator == .equal)
    }

    private func passes(_ value: Double, _ wanted: Double) -> Bool {
        switch comparator {
        case .equal: value == wanted
        case .notEqual: value != wanted
        case .less: value < wanted
        case .lessOrEqual: value <= wanted
        case .greater: value > wanted
        case .greaterOrEqual: value >= wanted
        }
    }

    private static func matches(
        _ text: ArraySlice<UInt8>, _ wanted: [UInt8], anyPrefix: Bool, anySuffix: Bool
    ) -> Bool {
        switch (anyPrefix, anySuffix) {
        case (false, false): text.elementsEqual(wanted)
        case (false, true): text.starts(with: wanted)
        case (true, false): text.count >= wanted.count && text.suffix(wanted.count).elementsEqual(wanted)
        case (true, true): text.contains(bytes: wanted)
        }
    }

    /// `=!` is the spelling of `!=` in the guide's example of space-delimited patterns.
    private static func parseOperator(_ scanner: inout PatternScanner) throws(LogFilterError) -> Operator {
        if scanner.take("!=") || scanner.take("=!") { return .notEqual }
        if scanner.take(">=") { return .greaterOrEqual }
        if scanner.take("<=") { return .lessOrEqual }
        if scanner.take("=") { return .equal }
        if scanner.take(">") { return .greater }
        if scanner.take("<") { return .less }
        throw .invalidPattern
    }

    private static func parseOperand(
        _ scanner: inout PatternScanner, terminators: StaticString
    ) throws(LogFilterError) -> Operand {
        if scanner.peek == UInt8(ascii: "%") { return .expression(try RegularExpression(&scanner)) }
        if scanner.peek == UInt8(ascii: "\"") { return text(try scanner.takeQuoted()) }
        let literal = scanner.takeUntil { byte in
            byte.isPatternSpace || terminators.withUTF8Buffer { $0.contains(byte) }
        }
        guard !literal.isEmpty else { throw .invalidPattern }
        if let number = number(literal[...]) { return .number(number, literal: literal) }
        return text(literal)
    }

    private static func text(_ bytes: [UInt8]) -> Operand {
        let asterisk = UInt8(ascii: "*")
        guard bytes != [asterisk] else { return .text([], anyPrefix: true, anySuffix: true) }
        let anyPrefix = bytes.first == asterisk
        let anySuffix = bytes.count > 1 && bytes.last == asterisk
        return .text(
            Array(bytes.dropFirst(anyPrefix ? 1 : 0).dropLast(anySuffix ? 1 : 0)), anyPrefix: anyPrefix,
            anySuffix: anySuffix)
    }

    /// A decimal number with optional sign, fraction and exponent; nil for anything else, names such as `inf` included.
    private static func number(_ text: ArraySlice<UInt8>) -> Double? {
        guard let first = text.first, text.count <= 64, first != UInt8(ascii: "e"), first != UInt8(ascii: "E") else { return nil }
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                continue
            default: return nil
            }
        }
        guard let number = Double(String(decoding: text, as: UTF8.self)), number.isFinite else { return nil }
        return number
    }
}
