import CLibpq
import Store

/// Reads the answers of the server, which are in the binary format.
enum PostgresResults {
    /// What a statement did.
    static func result(_ result: OpaquePointer, sql: String) throws(StoreError) -> StatementResult {
        var rows: [Row] = []
        let count = clibpq_ntuples(result)
        if count > 0 {
            let types = (0..<clibpq_nfields(result)).map { clibpq_ftype(result, $0) }
            rows.reserveCapacity(Int(count))
            for row in 0..<count { rows.append(try self.row(result, row, types, sql: sql)) }
        }
        return StatementResult(changes: changes(result), rows: rows)
    }

    /// Rows inserted, updated or deleted. A query's tag counts rows too, those that it returned.
    private static func changes(_ result: OpaquePointer) -> Int {
        guard let tag = clibpq_cmdStatus(result), tag.pointee != CChar(bitPattern: UInt8(ascii: "S")),
            let digits = clibpq_cmdTuples(result)
        else { return 0 }
        var number = 0
        var digit = digits
        while digit.pointee != 0 {
            number = number * 10 + Int(digit.pointee) - 48
            digit += 1
        }
        return number
    }

    private static func row(_ result: OpaquePointer, _ row: Int32, _ types: [UInt32], sql: String) throws(StoreError) -> Row {
        var values: [SQLValue] = []
        values.reserveCapacity(types.count)
        for (column, type) in types.enumerated() {
            let column = Int32(column)
            guard clibpq_getisnull(result, row, column) == 0, let start = clibpq_getvalue(result, row, column) else {
                values.append(.null)
                continue
            }
            let bytes = UnsafeRawBufferPointer(start: start, count: Int(clibpq_getlength(result, row, column)))
            values.append(try value(bytes, type: type, sql: sql))
        }
        return Row(values)
    }

    /// A value by its type's number in `pg_type`, which is the same in every database.
    private static func value(_ bytes: UnsafeRawBufferPointer, type: UInt32, sql: String) throws(StoreError) -> SQLValue {
        switch type {
        case 20, 21, 23:  // int8, int2, int4
            let isNegative = bytes.first.map { $0 & 0x80 != 0 } ?? false
            return .integer(bytes.reduce(isNegative ? -1 : 0) { $0 << 8 | Int64($1) })
        case 16: return .integer(bytes.first == 1 ? 1 : 0)  // bool
        case 701: return .real(Double(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) }))  // float8
        case 17: return .blob(Array(bytes))  // bytea
        case 18, 19, 25, 705, 1_043: return .text(String(decoding: bytes, as: UTF8.self))  // char, name, text, unknown, varchar
        case 2_278: return .null  // void, of a function without a result
        default: throw StoreError(.invalidStatement, detail: "a column has type \(type), which is none of the portable subset, in: \(sql)")
        }
    }
}
