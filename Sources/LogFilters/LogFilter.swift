/// A compiled filter pattern of CloudWatch Logs, as FilterLogEvents, metric filters and live tail take it.
///
/// The grammar is that of the CloudWatch Logs User Guide, page "Filter pattern syntax": terms and quoted phrases, `{ JSON }`
/// conditions, `[space, delimited]` fields and `%regular expressions%`. Everything is matched on bytes and is case-sensitive.
/// Matching takes at most the message's length times the pattern's; there is no backtracking.
package struct LogFilter: Sendable {
    /// The longest pattern that the service takes, in characters (`FilterPattern` of its model).
    package static let maximumLength = 1024

    private enum Kind: Sendable {
        case everything
        case terms(TermPattern)
        case json(Condition<JSONTest>)
        case fields(FieldPattern)
    }

    private let kind: Kind

    /// Compiles a pattern; an empty or blank one matches every event.
    package init(_ pattern: String) throws(LogFilterError) {
        guard pattern.unicodeScalars.count <= Self.maximumLength else { throw .invalidPattern }
        var scanner = PatternScanner(pattern.utf8)
        scanner.skipSpace()
        switch scanner.peek {
        case nil:
            kind = .everything
        case UInt8(ascii: "{"):
            kind = .json(try JSONTest.parsePattern(&scanner))
        case UInt8(ascii: "["):
            kind = .fields(try FieldPattern(&scanner))
        default:
            kind = .terms(try TermPattern(&scanner))
        }
    }

    /// Whether the pattern selects every event, so that callers can spare themselves the look.
    package var matchesEverything: Bool {
        if case .everything = kind { true } else { false }
    }

    /// Whether the pattern selects an event with this message.
    package func matches(_ message: ArraySlice<UInt8>) -> Bool {
        switch kind {
        case .everything: true
        case .terms(let terms): terms.matches(message)
        case .json(let condition): JSONTest.evaluate(condition, on: message)
        case .fields(let fields): fields.matches(message)
        }
    }
}
