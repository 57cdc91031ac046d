/// Builds a record of little-endian integers and counted texts.
struct ByteWriter {
    /// What was written.
    private(set) var bytes: [UInt8] = []

    /// An empty writer.
    init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

    /// An integer.
    mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Bytes as they are.
    mutating func append(_ content: [UInt8]) { bytes.append(contentsOf: content) }

    /// A text with its length before it.
    mutating func append(_ text: String) {
        append(UInt32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// An integer that may be absent.
    mutating func append(_ value: Int64?) {
        append(UInt8(value == nil ? 0 : 1))
        append(value ?? 0)
    }

    /// Overwrites an integer written before.
    mutating func replace<Value: FixedWidthInteger>(at offset: Int, with value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(offset..<offset + $0.count, with: $0) }
    }
}

/// Reads what `ByteWriter` wrote; every read answers nil at the end instead of trapping.
struct ByteReader {
    private let bytes: [UInt8]
    /// Where the next read begins.
    private(set) var position: Int
    private let end: Int

    /// A reader of a part of some bytes.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        (self.bytes, position, end) = (bytes, range.lowerBound, range.upperBound)
    }

    /// An integer.
    mutating func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self) -> Value? {
        let size = MemoryLayout<Value>.size
        guard end - position >= size else { return nil }
        defer { position += size }
        return bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: Value.self)) }
    }

    /// The next `count` bytes.
    mutating func slice(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, end - position >= count else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// A text with its length before it.
    mutating func text() -> String? {
        guard let count = integer(UInt32.self), let content = slice(Int(count)) else { return nil }
        return String(decoding: content, as: UTF8.self)
    }

    /// An integer that may be absent: nil inside when it is.
    mutating func optional() -> Int64?? {
        guard let flag = integer(UInt8.self), let value = integer(Int64.self) else { return nil }
        return .some(flag == 1 ? value : nil)
    }
}
