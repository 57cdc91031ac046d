/// A place between two events of a group: before the event of this time and number.
///
/// Events are ordered by time and, where times are equal, by number, which is the order of their arrival. So a place stays where it is
/// while events are appended, and those with the same time that come later lie behind it.
struct EventPosition: Hashable, Comparable, Sendable {
    /// The time.
    var timestamp: Int64
    /// The number among events of the group.
    var sequence: Int64

    /// Before every event.
    static let start = EventPosition(timestamp: .min, sequence: .min)

    /// The place right behind this event.
    var successor: EventPosition { EventPosition(timestamp: timestamp, sequence: sequence + 1) }

    /// Whether the left place comes first.
    static func < (left: EventPosition, right: EventPosition) -> Bool {
        (left.timestamp, left.sequence) < (right.timestamp, right.sequence)
    }

    /// The place as hexadecimal digits with a checksum, for page tokens.
    var token: String {
        var writer = ByteWriter()
        writer.append(timestamp)
        writer.append(sequence)
        writer.append(Checksum.crc32c(writer.bytes, 0..<16))
        return Hexadecimal.encode(writer.bytes)
    }

    /// The place before the event of this time and number.
    init(timestamp: Int64, sequence: Int64) {
        (self.timestamp, self.sequence) = (timestamp, sequence)
    }

    /// Nil when the text is no token.
    init?(token: some StringProtocol) {
        guard let bytes = Hexadecimal.decode(token), bytes.count == 20 else { return nil }
        var reader = ByteReader(bytes, 0..<20)
        guard let timestamp = reader.integer(Int64.self), let sequence = reader.integer(Int64.self),
            reader.integer(UInt32.self) == Checksum.crc32c(bytes, 0..<16)
        else { return nil }
        (self.timestamp, self.sequence) = (timestamp, sequence)
    }
}

/// Bytes as lower-case hexadecimal digits.
enum Hexadecimal {
    /// The digits of some bytes.
    static func encode(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The bytes of some digits; nil when there is anything else.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
