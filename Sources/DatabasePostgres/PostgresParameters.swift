import Store

/// The values of a statement as libpq takes them: pointers into one buffer that is used again for the next statement.
///
/// Numbers go as text, whose type the server knows from the statement; texts and blobs go as their bytes.
struct PostgresParameters {
    /// libpq's word for the binary format of a value or a result.
    static let binary: Int32 = 1

    private var bytes: [CChar] = []
    private var offsets: [Int] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    private var pointers: [UnsafePointer<CChar>?] = []

    /// Calls `body` with the values of a statement; the pointers are valid until it returns.
    /// - Throws: `.invalidStatement` for a text with NUL, which PostgreSQL cannot hold.
    mutating func withPointers(
        to statement: Statement,
        _ body: (
            _ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?,
            _ formats: UnsafePointer<Int32>?
        ) -> Int32
    ) throws(StoreError) -> Int32 {
        bytes.removeAll(keepingCapacity: bytes.count < 1 << 20)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        for value in statement.values { try append(value, sql: statement.sql) }
        return bytes.withUnsafeBufferPointer { buffer in
            pointers.removeAll(keepingCapacity: true)
            for offset in offsets { pointers.append(offset < 0 ? nil : buffer.baseAddress.map { $0 + offset }) }
            return pointers.withUnsafeBufferPointer { pointers in
                body(Int32(offsets.count), pointers.baseAddress, lengths, formats)
            }
        }
    }

    private mutating func append(_ value: SQLValue, sql: String) throws(StoreError) {
        offsets.append(bytes.count)
        switch value {
        case .null: offsets[offsets.count - 1] = -1
        case .integer(let number): append(number)
        case .real(let number): append(number.description.utf8)
        case .text(let text):
            guard !text.utf8.contains(0) else { throw StoreError(.invalidStatement, detail: "a text with NUL for: \(sql)") }
            append(text.utf8)
        case .blob(let blob): append(blob)
        }
        lengths.append(Int32(bytes.count - max(offsets[offsets.count - 1], 0)))
        switch value {
        case .text, .blob: formats.append(PostgresParameters.binary)
        case .null, .integer, .real: formats.append(0)
        }
        // A text value ends with NUL; and an empty value has an address this way.
        bytes.append(0)
    }

    private mutating func append(_ value: some Collection<UInt8>) {
        let appended: Void? = value.withContiguousStorageIfAvailable { source in
            source.withMemoryRebound(to: CChar.self) { bytes.append(contentsOf: $0) }
        }
        if appended == nil { bytes.append(contentsOf: value.lazy.map { CChar(bitPattern: $0) }) }
    }

    private mutating func append(_ number: Int64) {
        if number < 0 { bytes.append(CChar(bitPattern: UInt8(ascii: "-"))) }
        let first = bytes.count
        var rest = number.magnitude
        repeat {
            bytes.append(CChar(bitPattern: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)))
            rest /= 10
        } while rest > 0
        bytes[first...].reverse()
    }
}
