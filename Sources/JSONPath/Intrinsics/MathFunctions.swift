import JSONCore

/// The intrinsic functions on numbers and random bits; each answers nil when an argument is not what it takes.
enum MathFunctions {
    /// A number without its fraction, within 32 bits as AWS's functions count; nil for anything else.
    static func truncated(_ value: JSONValue) -> Int? {
        guard let number = value.number else { return nil }
        return Int32(exactly: number.double.rounded(.towardZero)).map(Int.init)
    }

    /// The sum of both numbers, each rounded to the nearest integer first (halves up); all three within 32 bits.
    static func sum(_ first: JSONValue, _ second: JSONValue) -> JSONValue? {
        guard let left = rounded(first), let right = rounded(second) else { return nil }
        let (sum, overflow) = left.addingReportingOverflow(right)
        if overflow { return nil }
        return .integer(Int(sum))
    }

    /// `Math.round`: the nearest integer, a half towards positive infinity.
    private static func rounded(_ value: JSONValue) -> Int32? {
        value.number.flatMap { Int32(exactly: ($0.double + 0.5).rounded(.down)) }
    }

    /// A number from `start` up to but not including `end`. The same seed gives the same number, the one AWS gives.
    static func random(
        from start: JSONValue, to end: JSONValue, seed: JSONValue?, bits: () -> UInt64
    ) -> JSONValue? {
        guard let start = truncated(start), let end = truncated(end), start < end else { return nil }
        let seedBits: Int64
        if let seed {
            guard let number = seed.number else { return nil }
            guard let whole = Int64(exactly: number.double.rounded(.towardZero)) else { return nil }
            seedBits = number.integer ?? whole
        } else {
            seedBits = Int64(bitPattern: bits())
        }
        var generator = JavaRandom(seed: seedBits)
        return .integer(Int(generator.number(from: Int32(start), to: Int32(end))))
    }

    /// A version 4 UUID (RFC 9562) of 128 random bits.
    static func uuid(_ high: UInt64, _ low: UInt64) -> String {
        let marked = [high & ~0xF000 | 0x4000, low & ~(0xC000 << 48) | 0x8000 << 48]
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for word in marked {
            for shift in stride(from: UInt64(60), through: 0, by: -4) {
                text.append(digits[Int(word >> shift & 0xF)])
                if text.count == 8 || text.count == 13 || text.count == 18 || text.count == 23 { text.append(UInt8(ascii: "-")) }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
