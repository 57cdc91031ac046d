/// The unit that all files of the store are made of: length of the body (4 bytes), CRC-32C over length and body (4), body.
///
/// A body begins with a byte that tells its kind. A frame is whole or it is not there: a torn one fails its checksum.
enum Frame {
    /// What a body holds; the values are part of the file format.
    enum Kind: UInt8 {
        /// First in every segment: whose it is.
        case segmentHeader = 1
        /// A batch of events.
        case events = 2
        /// The description of a group.
        case group = 3
        /// First in an index file.
        case indexHeader = 4
        /// The indexed segments of one stream.
        case indexStream = 5
        /// Last in an index file: proves it is whole.
        case indexEnd = 6
    }

    /// The bytes before a body.
    static let prefixLength = 8
    /// Longer lengths are taken for garbage rather than allocated.
    static let maximumBodyLength = 256 << 20

    /// Builds a frame of the body that `build` writes.
    static func make(_ kind: Kind, capacity: Int = 64, _ build: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter(capacity: capacity + prefixLength + 1)
        writer.append(UInt64(0))
        writer.append(kind.rawValue)
        build(&writer)
        writer.replace(at: 0, with: UInt32(writer.bytes.count - prefixLength))
        writer.replace(at: 4, with: checksum(writer.bytes, body: prefixLength..<writer.bytes.count))
        return writer.bytes
    }

    /// The kind and the rest of the body of the frame at `offset`; nil when no whole, intact frame stands there.
    static func body(in bytes: [UInt8], at offset: Int) -> (kind: Kind?, content: Range<Int>)? {
        var prefix = ByteReader(bytes, min(offset, bytes.count)..<bytes.count)
        guard let length = prefix.integer(UInt32.self), let expected = prefix.integer(UInt32.self),
            length >= 1, length <= maximumBodyLength, prefix.slice(Int(length)) != nil
        else { return nil }
        let body = offset + prefixLength..<offset + prefixLength + Int(length)
        guard checksum(bytes, body: body) == expected else { return nil }
        return (Kind(rawValue: bytes[body.lowerBound]), body.lowerBound + 1..<body.upperBound)
    }

    /// The length takes part by being mixed in, so that a run of zeros is no valid frame.
    private static func checksum(_ bytes: [UInt8], body: Range<Int>) -> UInt32 {
        Checksum.crc32c(bytes, body) ^ UInt32(truncatingIfNeeded: body.count) &* 0x9E37_79B1
    }
}
