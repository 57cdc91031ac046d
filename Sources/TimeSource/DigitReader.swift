/// Reads numbers of fixed width and single separators from a short ASCII text.
struct DigitReader {
    private let bytes: [UInt8]
    private var position = 0

    /// A reader at the start of `text`.
    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Whether everything was read.
    var isAtEnd: Bool { position == bytes.count }

    /// Steps over `character` when it comes next, and says whether it did.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    /// Steps over everything up to and including `character`; false when there is none.
    mutating func skip(past character: Unicode.Scalar) -> Bool {
        while position < bytes.count {
            position += 1
            if UInt32(bytes[position - 1]) == character.value { return true }
        }
        return false
    }

    /// Reads exactly that many bytes as text, or nil when fewer are left.
    mutating func text(length: Int) -> String? {
        guard position + length <= bytes.count else { return nil }
        defer { position += length }
        return String(decoding: bytes[position..<position + length], as: UTF8.self)
    }

    /// Reads exactly that many digits.
    mutating func number(digits: Int) -> Int? {
        guard position + digits <= bytes.count else { return nil }
        var value = 0
        for _ in 0..<digits {
            let byte = bytes[position]
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
            position += 1
        }
        return value
    }

    /// Reads one or more decimals of a second and returns the milliseconds, dropping what is finer.
    mutating func milliseconds() -> Int? {
        var value = 0
        var count = 0
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            if count < 3 { value = value * 10 + Int(bytes[position] - 0x30) }
            count += 1
            position += 1
        }
        guard count > 0 else { return nil }
        for _ in 0..<max(0, 3 - count) { value *= 10 }
        return value
    }

    /// Reads `Z` or an offset such as `+01:00` and returns it in minutes east of UTC.
    mutating func zoneOffset() -> Int? {
        if take("Z") { return 0 }
        let sign: Int
        if take("+") {
            sign = 1
        } else if take("-") {
            sign = -1
        } else {
            return nil
        }
        guard let hours = number(digits: 2), hours <= 23, take(":"), let minutes = number(digits: 2), minutes <= 59
        else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
