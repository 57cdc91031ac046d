/// Reads time zone information files (TZif, RFC 8536), versions 1 to 4.
struct TZifReader {
    /// The counts of a header, in its order.
    private struct Header {
        var version: UInt8
        var utLocalCount: Int
        var standardWallCount: Int
        var leapCount: Int
        var changeCount: Int
        var typeCount: Int
        var nameLength: Int

        /// The length of the data block that follows, with times of `timeSize` bytes.
        func bodyLength(timeSize: Int) -> Int {
            changeCount * timeSize + changeCount + typeCount * 6 + nameLength + leapCount * (timeSize + 4)
                + standardWallCount + utLocalCount
        }
    }

    private static let headerLength = 44
    private let bytes: [UInt8]

    /// A reader of a whole file.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The rules in the file; nil when it is not a sound TZif file.
    func rules() -> TimeZoneRules? {
        guard let first = header(at: 0) else { return nil }
        guard first.version >= 0x32 else { return rules(of: first, at: Self.headerLength, timeSize: 4, footer: nil) }
        // The first block repeats what fits 32 bits; the second has everything.
        let start = Self.headerLength + first.bodyLength(timeSize: 4)
        guard let second = header(at: start) else { return nil }
        let body = start + Self.headerLength
        return rules(of: second, at: body, timeSize: 8, footer: footer(at: body + second.bodyLength(timeSize: 8)))
    }

    private func rules(of header: Header, at start: Int, timeSize: Int, footer: String?) -> TimeZoneRules? {
        guard start + header.bodyLength(timeSize: timeSize) <= bytes.count, header.typeCount > 0 else { return nil }
        let indices = start + header.changeCount * timeSize
        let types = indices + header.changeCount
        var changes: [OffsetChange] = []
        for number in 0..<header.changeCount {
            let type = Int(bytes[indices + number])
            guard type < header.typeCount else { return nil }
            changes.append(
                OffsetChange(
                    at: integer(at: start + number * timeSize, size: timeSize),
                    offset: Int(integer(at: types + type * 6, size: 4))))
        }
        guard zip(changes, changes.dropFirst()).allSatisfy({ $0.at < $1.at }) else { return nil }
        return TimeZoneRules(
            initialOffset: Int(integer(at: types, size: 4)), changes: changes,
            tail: footer.flatMap { PosixTimeZone(parsing: $0) })
    }

    private func header(at start: Int) -> Header? {
        guard start + Self.headerLength <= bytes.count, bytes[start..<start + 4].elementsEqual("TZif".utf8) else {
            return nil
        }
        let counts = (0..<6).map { Int(integer(at: start + 20 + $0 * 4, size: 4)) }
        // Far more than any real file has; keeps the sums below from overflowing on a damaged one.
        guard counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
        return Header(
            version: bytes[start + 4], utLocalCount: counts[0], standardWallCount: counts[1], leapCount: counts[2],
            changeCount: counts[3], typeCount: counts[4], nameLength: counts[5])
    }

    /// The text between two line feeds after the second block; nil when it is empty or missing.
    private func footer(at start: Int) -> String? {
        guard start < bytes.count, bytes[start] == 0x0A else { return nil }
        let text = bytes[(start + 1)...].prefix { $0 != 0x0A }
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }

    /// A signed big-endian integer.
    private func integer(at start: Int, size: Int) -> Int64 {
        var value: Int64 = 0
        for byte in bytes[start..<start + size] { value = value << 8 | Int64(byte) }
        return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : value
    }
}
