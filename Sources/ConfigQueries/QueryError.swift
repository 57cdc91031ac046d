/// Why an expression is no query: one sentence with the place, counted from 1.
package struct QueryError: Error, Hashable, Sendable {
    /// The line of the expression.
    package let line: Int
    /// The character of the line.
    package let column: Int
    /// What is wrong, without the place.
    package let reason: String

    /// As AWS Config writes it: `syntax error at line 1, column 51`.
    package var message: String { "\(reason) at line \(line), column \(column)" }

    init(_ reason: String = "syntax error", at place: Place) {
        self.reason = reason
        line = place.line
        column = place.column
    }

    /// A place in an expression, counted from 1.
    struct Place: Hashable, Sendable {
        var line = 1
        var column = 1
    }
}
