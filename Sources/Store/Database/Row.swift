/// One row of a result: its values in the order of the statement's columns.
package struct Row: Sendable, Hashable {
    /// The values, by column.
    package let values: [SQLValue]

    /// A row of these values.
    package init(_ values: [SQLValue]) {
        self.values = values
    }

    /// The integer of a column; a NULL or another type there is a damaged database or a wrong query.
    package func integer(_ column: Int) throws(StoreError) -> Int64 {
        guard let value = values[column].integer else { throw .corrupted("column \(column) is no integer") }
        return value
    }

    /// The text of a column, as `integer(_:)`.
    package func text(_ column: Int) throws(StoreError) -> String {
        guard let value = values[column].text else { throw .corrupted("column \(column) is no text") }
        return value
    }

    /// The bytes of a column, as `integer(_:)`.
    package func blob(_ column: Int) throws(StoreError) -> [UInt8] {
        guard let value = values[column].blob else { throw .corrupted("column \(column) is no blob") }
        return value
    }
}
