import TimeSource

/// Names of executions that are filled in: in the order of time as the server makes them, or random as clients do.
///
/// Nothing is kept: the name of an execution, and the execution of a name, are computed. Random ones are one out of each of
/// `count` equal parts of all UUIDs, dealt out by a permutation.
struct FillNames: Sendable {
    /// True for the server's kind of names.
    let isOrdered: Bool
    private let count: Int
    private let factor: Int
    private let inverse: Int

    /// `count` names of a kind: `ordered` or `random`.
    init(_ kind: String, count: Int) throws {
        guard ["ordered", "random"].contains(kind), count > 0 else {
            throw Arguments.Wrong(description: "--names is ordered or random, --count above 0")
        }
        isOrdered = kind == "ordered"
        self.count = count
        var factor = 2_654_435_761 % count
        while FillNames.divide(factor, count).divisor != 1 { factor += 1 }
        self.factor = factor
        inverse = FillNames.divide(factor, count).inverse
    }

    /// The name of the execution that is number `index` by time.
    func name(ofExecution index: Int, at time: Timestamp) -> String {
        if isOrdered {
            let high = UInt64(time.milliseconds) << 16 | 0x7000 | UInt64(index & 0xFFF)
            return uuid(high, mixed(UInt64(index)) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
        }
        let place = index * inverse % count
        let part = UInt64.max / UInt64(count)
        let high = UInt64(place) * part + mixed(UInt64(place)) % part
        return uuid(high & ~0xF000 | 0x4000, mixed(high) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }

    /// Which execution by time has name number `place` by order.
    func execution(ofName place: Int) -> Int { place * factor % count }

    /// The greatest common divisor, and the number that times `value` is one more than a multiple of `modulus`.
    private static func divide(_ value: Int, _ modulus: Int) -> (divisor: Int, inverse: Int) {
        var (old, rest) = (value, modulus)
        var (oldFactor, factor) = (1, 0)
        while rest != 0 {
            let quotient = old / rest
            (old, rest) = (rest, old - quotient * rest)
            (oldFactor, factor) = (factor, oldFactor - quotient * factor)
        }
        return (old, (oldFactor % modulus + modulus) % modulus)
    }

    private func uuid(_ high: UInt64, _ low: UInt64) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (word, first) in [(high, true), (low, false)] {
            for digit in 0..<16 {
                if first ? (digit == 8 || digit == 12) : (digit == 0 || digit == 4) { text.append(UInt8(ascii: "-")) }
                text.append(digits[Int(word >> (60 - 4 * UInt64(digit)) & 15)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// SplitMix64's scrambling: the same for the same number, without a pattern that an index would see.
func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
}
