/// Terms, quoted phrases and regular expressions, each plain (must occur), `?optional` or `-excluded`.
///
/// An event matches when it has every plain term and no excluded one. Where there are only optional terms, one of them has to occur;
/// beside other terms they are ignored, as CloudWatch Logs documents it.
struct TermPattern: Sendable {
    private enum Term: Sendable {
        case text([UInt8])
        case expression(RegularExpression)

        func occurs(in message: ArraySlice<UInt8>) -> Bool {
            switch self {
            case .text(let bytes): message.contains(bytes: bytes)
            case .expression(let expression): expression.matches(message)
            }
        }
    }

    private var required: [Term] = []
    private var optional: [Term] = []
    private var excluded: [Term] = []

    /// Reads terms up to the end of the pattern.
    init(_ scanner: inout PatternScanner) throws(LogFilterError) {
        while true {
            scanner.skipSpace()
            guard !scanner.isAtEnd else { return }
            if scanner.take("?") {
                optional.append(try Self.term(&scanner))
            } else if scanner.take("-") {
                scanner.skipSpace()
                excluded.append(try Self.term(&scanner))
            } else {
                required.append(try Self.term(&scanner))
            }
        }
    }

    /// Whether the terms select the message.
    func matches(_ message: ArraySlice<UInt8>) -> Bool {
        for term in excluded where term.occurs(in: message) { return false }
        for term in required where !term.occurs(in: message) { return false }
        guard required.isEmpty, excluded.isEmpty else { return true }
        return optional.contains { $0.occurs(in: message) }
    }

    private static func term(_ scanner: inout PatternScanner) throws(LogFilterError) -> Term {
        switch scanner.peek {
        case UInt8(ascii: "\""):
            let phrase = try scanner.takeQuoted()
            guard !phrase.isEmpty else { throw .invalidTerm("\"\"".utf8) }
            return .text(phrase)
        case UInt8(ascii: "%"):
            return .expression(try RegularExpression(&scanner))
        default:
            let term = scanner.takeUntil(\.isPatternSpace)
            guard !term.isEmpty, term.allSatisfy(\.isWordByte) else { throw .invalidTerm(term) }
            return .text(term)
        }
    }
}
