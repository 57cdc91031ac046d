/// Reads little-endian numbers; every read beyond the end is nil.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    /// Where the next read begins.
    private(set) var position: Int

    /// A reader of a slice, from its start.
    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// A reader from a place on; nil when the place is outside.
    init?(_ bytes: ArraySlice<UInt8>, at offset: Int) {
        guard offset >= 0, offset <= bytes.count else { return nil }
        self.init(bytes)
        position += offset
    }

    /// The next bytes as they are.
    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.endIndex - position else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// The next number of so many bytes, eight at most.
    mutating func number(bytes count: Int) -> UInt64? {
        take(count)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The next two bytes.
    mutating func short() -> Int? { number(bytes: 2).map { Int($0) } }

    /// The next four bytes.
    mutating func long() -> Int? { number(bytes: 4).map { Int($0) } }

    /// The next eight bytes, when they fit.
    mutating func wide() -> Int? { number(bytes: 8).flatMap { Int(exactly: $0) } }

    /// Passes over bytes.
    mutating func skip(_ count: Int) -> Bool { take(count) != nil }
}
