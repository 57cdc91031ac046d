// Rounding a double becomes a call into the C mathematics library, which only this import links.
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A JSON number, exact: an integer of 64 bits, or the literal as it was written beside its nearest double.
public struct JSONNumber: Sendable {
    @usableFromInline
    enum Storage: Sendable {
        case integer(Int64)
        case double(Double)
        /// `12.50` as 1250 with two digits behind the point: at most fifteen digits, so that the double is exact to compute.
        case decimal(Int64, fractionDigits: UInt8)
        /// A literal with an exponent or more digits; kept so that it prints as it came.
        case literal([UInt8], Double)
    }

    @usableFromInline
    let storage: Storage

    /// An integer.
    @inlinable
    public init(_ value: Int64) {
        storage = .integer(value)
    }

    /// An integer.
    @inlinable
    public init(_ value: Int) {
        storage = .integer(Int64(value))
    }

    /// A double; nil when it is not finite, which JSON cannot write. A whole number below 2^53 becomes an integer.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        if value == value.rounded(.towardZero), abs(value) < 9_007_199_254_740_992, !(value == 0 && value.sign == .minus) {
            storage = .integer(Int64(value))
        } else {
            storage = .double(value)
        }
    }

    /// Reads a literal that follows RFC 8259 section 6; nil when it does not or when its value is not finite.
    public init?(literal: [UInt8]) {
        guard let parsed = literal.withUnsafeBufferPointer({ JSONNumberLiteral.number(of: $0) }) else { return nil }
        self = parsed
    }

    init(storage: Storage) {
        self.storage = storage
    }

    /// The nearest double.
    public var double: Double {
        switch storage {
        case .integer(let value): Double(value)
        case .double(let value), .literal(_, let value): value
        case .decimal(let significand, let digits): Double(significand) / JSONNumber.powersOfTen[Int(digits)]
        }
    }

    /// The value when it is a whole number that 64 bits hold (`3`, `3.0`, `3e2`), else nil.
    @inlinable
    public var integer: Int64? {
        if case .integer(let value) = storage { return value }
        return Int64(exactly: double)
    }

    /// True when the literal is an integer: no fraction, no exponent.
    public var isIntegerLiteral: Bool {
        switch storage {
        case .integer: true
        case .double, .decimal: false
        case .literal(let text, _): !text.contains { $0 == 0x2E || $0 == 0x65 || $0 == 0x45 }
        }
    }

    /// The number as JSON text: a literal as it came, a double in its shortest form.
    public var text: String {
        String(decoding: textBytes, as: UTF8.self)
    }

    /// The bytes of `text`.
    var textBytes: [UInt8] {
        switch storage {
        case .integer(let value): Array(String(value).utf8)
        // Swift prints the shortest form that reads back as the same double, and JSON has no other spelling.
        case .double(let value): Array("\(value)".utf8)
        case .decimal(let significand, let digits): JSONNumber.decimalText(significand, fractionDigits: Int(digits))
        case .literal(let bytes, _): bytes
        }
    }

    private static func decimalText(_ significand: Int64, fractionDigits: Int) -> [UInt8] {
        var digits = Array(String(significand.magnitude).utf8)
        if digits.count <= fractionDigits {
            digits.insert(contentsOf: repeatElement(UInt8(ascii: "0"), count: fractionDigits + 1 - digits.count), at: 0)
        }
        digits.insert(UInt8(ascii: "."), at: digits.count - fractionDigits)
        return significand < 0 ? [UInt8(ascii: "-")] + digits : digits
    }

    static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
}

extension JSONNumber: Hashable {
    /// Numbers are equal by value: `1`, `1.0` and `1e0` are one number. Integers beyond a double's precision compare exactly.
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        if case .integer(let first) = left.storage, case .integer(let second) = right.storage { return first == second }
        if left.isIntegerLiteral, right.isIntegerLiteral, left.double != 0 { return left.textBytes == right.textBytes }
        return left.double == right.double
    }

    /// Hashes the nearest double, so that equal numbers hash alike.
    public func hash(into hasher: inout Hasher) {
        let value = double
        hasher.combine(value == 0 ? 0 : value)
    }
}
