/// Text of digits and separators in the making.
///
/// Formatting a time by `String(format:)` or a formatter costs microseconds; this costs one allocation at the end.
struct DigitBuffer {
    private var bytes: [UInt8] = []

    /// An empty buffer with room for `capacity` bytes.
    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Appends ASCII text.
    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Appends a number with leading zeros up to `width` digits; longer numbers keep all their digits.
    mutating func append(_ number: Int, width: Int) {
        if number < 0 { append("-") }
        var magnitude = number.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(0x30 + magnitude % 10))
            magnitude /= 10
        } while magnitude > 0
        while bytes.count - start < width { bytes.append(0x30) }
        bytes[start...].reverse()
    }

    /// The text so far.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
