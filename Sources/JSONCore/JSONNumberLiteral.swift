/// Reads number literals (RFC 8259 section 6).
enum JSONNumberLiteral {
    /// The number that the bytes spell, all of them; nil when they do not or when the value is not finite.
    static func number(of bytes: UnsafeBufferPointer<UInt8>) -> JSONNumber? {
        let count = bytes.count
        var index = 0
        let isNegative = count > 0 && bytes[0] == UInt8(ascii: "-")
        if isNegative { index = 1 }
        let firstDigit = index
        var value: UInt64 = 0
        digits(bytes, &index, &value)
        let wholeDigits = index - firstDigit
        guard wholeDigits > 0, wholeDigits == 1 || bytes[firstDigit] != UInt8(ascii: "0") else { return nil }
        if index == count { return integer(bytes, value, digits: wholeDigits, isNegative: isNegative) }
        var fractionDigits = 0
        if bytes[index] == UInt8(ascii: ".") {
            index += 1
            let start = index
            digits(bytes, &index, &value)
            fractionDigits = index - start
            guard fractionDigits > 0 else { return nil }
        }
        // Fifteen digits and powers up to 10^15 are exact doubles, so one division gives the nearest one.
        if index == count, wholeDigits + fractionDigits <= 15, value != 0 || !isNegative {
            let significand = isNegative ? -Int64(value) : Int64(value)
            return JSONNumber(storage: .decimal(significand, fractionDigits: UInt8(fractionDigits)))
        }
        if index < count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
            let start = index
            digits(bytes, &index, &value)
            guard index > start else { return nil }
        }
        guard index == count else { return nil }
        return literal(bytes)
    }

    /// Steps over digits; `value` is right while there are at most nineteen.
    private static func digits(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ value: inout UInt64) {
        while index < bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return }
            value = value &* 10 &+ UInt64(digit)
            index += 1
        }
    }

    private static func integer(
        _ bytes: UnsafeBufferPointer<UInt8>, _ value: UInt64, digits: Int, isNegative: Bool
    ) -> JSONNumber? {
        // "-0" keeps its sign only as a literal.
        if isNegative, value == 0, digits == 1 { return literal(bytes) }
        if digits <= 18 { return JSONNumber(isNegative ? -Int64(value) : Int64(value)) }
        if let value = Int64(String(decoding: bytes, as: UTF8.self)) { return JSONNumber(value) }
        return literal(bytes)
    }

    private static func literal(_ bytes: UnsafeBufferPointer<UInt8>) -> JSONNumber? {
        guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else { return nil }
        return JSONNumber(storage: .literal(Array(bytes), value))
    }
}
