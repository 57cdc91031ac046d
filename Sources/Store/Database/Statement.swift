/// One statement of a batch: SQL in the portable subset with `?` placeholders, its values, and how many rows it must touch.
package struct Statement: Sendable {
    /// What the statement must have done for the batch to be applied.
    package enum Expectation: Sendable, Hashable {
        /// Anything.
        case any
        /// Exactly this many rows inserted, updated or deleted; otherwise the batch is a `.conflict`.
        case changes(Int)
    }

    /// The text, a constant of the program: values never stand in it.
    package let sql: String
    /// The values of the placeholders, in order.
    package let values: [SQLValue]
    /// What must have happened.
    package let expectation: Expectation

    /// A statement that expects `expectation`.
    package init(_ sql: String, _ values: [SQLValue] = [], expecting expectation: Expectation = .any) {
        self.sql = sql
        self.values = values
        self.expectation = expectation
    }
}

/// What a statement of an applied batch did.
package struct StatementResult: Sendable {
    /// Rows inserted, updated or deleted.
    package let changes: Int
    /// The rows of a RETURNING clause.
    package let rows: [Row]

    /// The result of a driver's statement.
    package init(changes: Int, rows: [Row]) {
        self.changes = changes
        self.rows = rows
    }
}
