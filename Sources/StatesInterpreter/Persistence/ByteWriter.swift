import JSONCore
import TimeSource

/// Builds the bytes of a stored record: little-endian base-128 numbers, length-prefixed bytes, repeated texts once.
struct ByteWriter {
    /// What was written.
    private(set) var bytes: [UInt8] = []
    /// Payloads referred to, by number, in the order of their first mention.
    private(set) var mentioned: [Payload] = []
    private var mentionedNumbers: Set<Int64> = []
    private var strings: [[UInt8]: Int] = [:]

    /// A number that is never negative; a negative one is stored as its two's complement.
    mutating func number(_ value: Int64) {
        var rest = UInt64(bitPattern: value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// A number of either sign, small when it is near zero.
    mutating func signed(_ value: Int64) { number((value << 1) ^ (value >> 63)) }

    /// An instant, as the distance to one that the reader knows.
    mutating func instant(_ value: Timestamp, from base: Timestamp) {
        signed(value.milliseconds &- base.milliseconds)
    }

    /// One byte as it is.
    mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Bytes with their length.
    mutating func data(_ value: [UInt8]) {
        number(Int64(value.count))
        bytes.append(contentsOf: value)
    }

    /// A text that is likely to come again: 0 and the text the first time, its number from then on.
    mutating func string(_ value: [UInt8]) {
        if let position = strings[value] {
            number(Int64(position))
        } else {
            strings[value] = strings.count + 1
            number(0)
            data(value)
        }
    }

    /// A text that is likely to come again.
    mutating func string(_ value: String) { string(Array(value.utf8)) }

    /// A text that is likely to come again.
    mutating func string(_ value: JSONString) { string(value.bytes) }

    /// A payload by its number.
    mutating func payload(_ value: Payload) {
        if mentionedNumbers.insert(value.number).inserted { mentioned.append(value) }
        number(value.number)
    }

    /// A value that may be absent.
    mutating func optional<Value>(_ value: Value?, _ write: (inout ByteWriter, Value) -> Void) {
        if let value {
            byte(1)
            write(&self, value)
        } else {
            byte(0)
        }
    }

    /// How many elements, then each.
    mutating func list<Element>(_ elements: [Element], _ write: (inout ByteWriter, Element) -> Void) {
        number(Int64(elements.count))
        for element in elements { write(&self, element) }
    }

    /// Appends bytes as they are.
    mutating func append(_ other: [UInt8]) { bytes.append(contentsOf: other) }
}
