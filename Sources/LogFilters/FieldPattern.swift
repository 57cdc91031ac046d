/// A `[name, name = value, …]` pattern for events whose fields are separated by spaces.
struct FieldPattern: Sendable {
    private struct Test: Sendable {
        let name: [UInt8]
        let comparison: Comparison
    }

    private enum Field: Sendable {
        /// A name alone, or nothing: any value.
        case any
        case tested(Condition<Test>)
        /// `...`: any number of fields, none included.
        case ellipsis
    }

    private let before: [Field]
    private let after: [Field]
    private let hasEllipsis: Bool

    /// Reads a whole `[ … ]` pattern; at most one ellipsis.
    init(_ scanner: inout PatternScanner) throws(LogFilterError) {
        guard scanner.take("[") else { throw .invalidPattern }
        var before: [Field] = []
        var after: [Field] = []
        var hasEllipsis = false
        repeat {
            let field = try Self.field(&scanner)
            if case .ellipsis = field {
                guard !hasEllipsis else { throw .invalidPattern }
                hasEllipsis = true
            } else if hasEllipsis {
                after.append(field)
            } else {
                before.append(field)
            }
            scanner.skipSpace()
        } while scanner.take(",")
        guard scanner.take("]") else { throw .invalidPattern }
        scanner.skipSpace()
        guard scanner.isAtEnd else { throw .invalidPattern }
        (self.before, self.after, self.hasEllipsis) = (before, after, hasEllipsis)
    }

    /// Whether the message has these fields and they pass.
    func matches(_ message: ArraySlice<UInt8>) -> Bool {
        let values = Self.split(message)
        let wanted = before.count + after.count
        guard hasEllipsis ? values.count >= wanted : values.count == wanted else { return false }
        for (field, value) in zip(before, values) where !Self.passes(field, value) { return false }
        for (field, value) in zip(after, values.suffix(after.count)) where !Self.passes(field, value) { return false }
        return true
    }

    private static func passes(_ field: Field, _ value: ArraySlice<UInt8>) -> Bool {
        guard case .tested(let condition) = field else { return true }
        return condition.evaluate { $0.comparison.passes(value) }
    }

    private static func field(_ scanner: inout PatternScanner) throws(LogFilterError) -> Field {
        scanner.skipSpace()
        if scanner.take("...") || scanner.take("…") { return .ellipsis }
        if scanner.peek == UInt8(ascii: ",") || scanner.peek == UInt8(ascii: "]") { return .any }
        var rest = scanner
        let name = rest.takeUntil { !isNameByte($0) }
        rest.skipSpace()
        if !name.isEmpty, rest.peek == UInt8(ascii: ",") || rest.peek == UInt8(ascii: "]") {
            scanner = rest
            return .any
        }
        let condition = try Condition.parse(&scanner) { (scanner: inout PatternScanner) throws(LogFilterError) in
            let name = scanner.takeUntil { !isNameByte($0) }
            guard !name.isEmpty else { throw .invalidPattern }
            scanner.skipSpace()
            return Test(name: name, comparison: try Comparison(&scanner, terminators: "&|(),]"))
        }
        // The service refuses a condition that speaks of two fields in one place.
        let tests = condition.tests
        guard tests.allSatisfy({ $0.name == tests[0].name }) else { throw .invalidPattern }
        return .tested(condition)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isWordByte || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "$") || byte == UInt8(ascii: ".")
    }

    /// The fields of a message: what stands between spaces, between a pair of brackets or between a pair of quotes.
    private static func split(_ message: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var fields: [ArraySlice<UInt8>] = []
        var index = message.startIndex
        while index < message.endIndex {
            let byte = message[index]
            if byte.isPatternSpace {
                index += 1
                continue
            }
            let closing: UInt8? = byte == UInt8(ascii: "[") ? UInt8(ascii: "]") : byte == UInt8(ascii: "\"") ? byte : nil
            if let closing, let end = message[(index + 1)...].firstIndex(of: closing) {
                fields.append(message[(index + 1)..<end])
                index = end + 1
            } else {
                let end = message[index...].firstIndex(where: \.isPatternSpace) ?? message.endIndex
                fields.append(message[index..<end])
                index = end
            }
        }
        return fields
    }
}
