/// Why a text cannot be read as YAML, and where.
package struct YAMLParseError: Error, Hashable, Sendable {
    /// What is wrong, as half a sentence.
    package let reason: String
    /// One-based; nil when the fault has no place.
    package let line: Int?
    /// One-based, in characters; nil when the fault has no place.
    package let column: Int?

    init(_ reason: String, line: Int? = nil, column: Int? = nil) {
        self.reason = reason
        self.line = line
        self.column = column
    }
}

extension YAMLParseError: CustomStringConvertible {
    /// The reason with its place, for a message: `did not find expected ',' or ']' (line 3, column 9)`.
    package var description: String {
        guard let line, let column else { return reason }
        return "\(reason) (line \(line), column \(column))"
    }
}
