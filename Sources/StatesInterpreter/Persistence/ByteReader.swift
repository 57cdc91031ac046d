import JSONCore
import TimeSource

/// Reads what `ByteWriter` wrote. Whatever the bytes are, it answers or throws; it never traps.
struct ByteReader {
    private let bytes: [UInt8]
    private var index: Int
    private let end: Int
    private var strings: [[UInt8]] = []
    /// What payload numbers are looked up in.
    var payloads: PayloadTable

    /// A reader of `bytes[start..<end]`.
    init(_ bytes: [UInt8], from start: Int, to end: Int, payloads: PayloadTable) {
        self.bytes = bytes
        index = start
        self.end = end
        self.payloads = payloads
    }

    /// Whether everything was read.
    var isAtEnd: Bool { index == end }

    /// The error of bytes that make no sense where the reader stands.
    var malformed: PersistenceError { .malformed(offset: index) }

    /// One byte.
    mutating func byte() throws(PersistenceError) -> UInt8 {
        guard index < end else { throw malformed }
        defer { index += 1 }
        return bytes[index]
    }

    /// What `ByteWriter.number` wrote.
    mutating func number() throws(PersistenceError) -> Int64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            let bits = UInt64(next & 0x7F)
            guard shift < 63 || shift == 63 && bits <= 1 else { throw malformed }
            value |= bits << shift
            if next < 0x80 { return Int64(bitPattern: value) }
            shift += 7
        }
    }

    /// What `ByteWriter.signed` wrote.
    mutating func signed() throws(PersistenceError) -> Int64 {
        let raw = UInt64(bitPattern: try number())
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    /// An instant as the distance to one that the reader knows.
    mutating func instant(from base: Timestamp) throws(PersistenceError) -> Timestamp {
        Timestamp(milliseconds: base.milliseconds &+ (try signed()))
    }

    /// A count of things of at least a byte each, so never more than bytes are left.
    mutating func count() throws(PersistenceError) -> Int {
        let value = try number()
        guard value >= 0, value <= Int64(end - index) else { throw malformed }
        return Int(value)
    }

    /// Bytes with their length.
    mutating func data() throws(PersistenceError) -> [UInt8] {
        let length = try count()
        defer { index += length }
        return Array(bytes[index..<index + length])
    }

    /// A text that may have stood before.
    mutating func stringBytes() throws(PersistenceError) -> [UInt8] {
        let position = try number()
        if position == 0 {
            let value = try data()
            strings.append(value)
            return value
        }
        guard position > 0, position <= Int64(strings.count) else { throw malformed }
        return strings[Int(position) - 1]
    }

    /// A text that may have stood before.
    mutating func string() throws(PersistenceError) -> String { String(decoding: try stringBytes(), as: UTF8.self) }

    /// A name of the definition that may have stood before.
    mutating func name() throws(PersistenceError) -> JSONString { JSONString(unchecked: try stringBytes()) }

    /// A payload by its number; it must be in the table.
    mutating func payload() throws(PersistenceError) -> Payload {
        let number = try number()
        guard let payload = payloads[number] else {
            throw .missingPayload(PayloadReference(number: number, origin: 0))
        }
        return payload
    }

    /// A value that may be absent.
    mutating func optional<Value>(
        _ read: (inout ByteReader) throws(PersistenceError) -> Value
    ) throws(PersistenceError) -> Value? {
        switch try byte() {
        case 0: nil
        case 1: try read(&self)
        default: throw malformed
        }
    }

    /// As many elements as the count says.
    mutating func list<Element>(
        _ read: (inout ByteReader) throws(PersistenceError) -> Element
    ) throws(PersistenceError) -> [Element] {
        let count = try count()
        var elements: [Element] = []
        elements.reserveCapacity(min(count, 4_096))
        for _ in 0..<count { elements.append(try read(&self)) }
        return elements
    }
}
