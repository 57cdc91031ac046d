/// The first frame of every segment file: files are numbered, so it is here that the stream's name stands.
///
/// Names may be long and hold any character, also those that no file name takes; nothing has to be escaped.
struct SegmentHeader: Equatable {
    /// Of the format of segment files; a newer one is refused.
    static let version: UInt16 = 1

    /// The stream's name.
    var streamName: String
    /// When the stream was created.
    var createdAt: Int64
    /// Random bits of the stream, from which the ids of its events are made.
    var identity: StreamIdentity
    /// What the stream remembers of its source when the segment begins.
    var sourceOffset: Int64?

    /// The header as a frame.
    func encoded() -> [UInt8] {
        Frame.make(.segmentHeader) { writer in
            writer.append(Self.version)
            writer.append(createdAt)
            writer.append(identity.high)
            writer.append(identity.low)
            writer.append(sourceOffset)
            writer.append(streamName)
        }
    }

    /// Reads the header at the start of a file, and where the next frame begins.
    static func decode(_ bytes: [UInt8]) -> (header: SegmentHeader, end: Int)? {
        guard let (kind, content) = Frame.body(in: bytes, at: 0), kind == .segmentHeader else { return nil }
        var reader = ByteReader(bytes, content)
        guard reader.integer(UInt16.self) == version, let createdAt = reader.integer(Int64.self),
            let high = reader.integer(UInt64.self), let low = reader.integer(UInt64.self),
            let sourceOffset = reader.optional(), let name = reader.text()
        else { return nil }
        let header = SegmentHeader(
            streamName: name, createdAt: createdAt, identity: StreamIdentity(high: high, low: low), sourceOffset: sourceOffset)
        return (header, content.upperBound)
    }
}

/// The random bits of a stream.
struct StreamIdentity: Hashable, Sendable {
    /// The first half.
    var high: UInt64
    /// The second half.
    var low: UInt64

    /// The id of an event: 56 decimal digits that begin with its time and go on with a keyed mix of its number.
    func eventID(timestamp: Int64, sequence: Int64) -> String {
        let number = UInt64(bitPattern: sequence)
        return "3" + Self.digits(UInt64(clamping: timestamp), count: 15) + Self.digits(Self.mix(high ^ number), count: 20)
            + Self.digits(Self.mix(low &+ number &* 0x9E37_79B9_7F4A_7C15), count: 20)
    }

    private static func digits(_ value: UInt64, count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }

    /// The finaliser of SplitMix64.
    private static func mix(_ value: UInt64) -> UInt64 {
        var word = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
