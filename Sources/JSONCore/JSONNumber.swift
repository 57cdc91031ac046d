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
        /// A literal with a fraction, an exponent, or more digits than 64 bits hold; kept so that it prints as it came.
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
        guard let parsed = JSONNumber.parse(literal) else { return nil }
        self = parsed
    }

    @usableFromInline
    init(storage: Storage) {
        self.storage = storage
    }

    /// The nearest double.
    @inlinable
    public var double: Double {
        switch storage {
        case .integer(let value): Double(value)
        case .double(let value), .literal(_, let value): value
        }
    }

    /// The value when it is a whole number that 64 bits hold (`3`, `3.0`, `3e2`), else nil.
    @inlinable
    public var integer: Int64? {
        switch storage {
        case .integer(let value): value
        case .double(let value), .literal(_, let value): Int64(exactly: value)
        }
    }

    /// True when the literal is an integer: no fraction, no exponent.
    @inlinable
    public var isIntegerLiteral: Bool {
        switch storage {
        case .integer: true
        case .double: false
        case .literal(let text, _): !text.contains { $0 == 0x2E || $0 == 0x65 || $0 == 0x45 }
        }
    }

    /// The number as JSON text: a literal as it came, a double in its shortest form.
    public var text: String {
        switch storage {
        case .integer(let value): String(value)
        case .double(let value): JSONNumber.shortest(value)
        case .literal(let bytes, _): String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Swift prints the shortest form that reads back as the same double; JSON has no `inf` and needs no other change.
    static func shortest(_ value: Double) -> String {
        "\(value)"
    }

    @usableFromInline
    static func parse(_ bytes: [UInt8]) -> JSONNumber? {
        var index = 0
        let count = bytes.count
        func isDigit(_ position: Int) -> Bool { position < count && bytes[position] >= 0x30 && bytes[position] <= 0x39 }
        let negative = count > 0 && bytes[0] == 0x2D
        if negative { index = 1 }
        guard isDigit(index) else { return nil }
        let firstDigit = index
        while isDigit(index) { index += 1 }
        if bytes[firstDigit] == 0x30, index > firstDigit + 1 { return nil }
        if index == count, index - firstDigit <= 18 {
            var value: Int64 = 0
            for position in firstDigit..<index { value = value * 10 + Int64(bytes[position] - 0x30) }
            // "-0" keeps its sign only as a literal.
            if !(negative && value == 0) { return JSONNumber(negative ? -value : value) }
        }
        if index < count, bytes[index] == 0x2E {
            index += 1
            guard isDigit(index) else { return nil }
            while isDigit(index) { index += 1 }
        }
        if index < count, bytes[index] == 0x65 || bytes[index] == 0x45 {
            index += 1
            if index < count, bytes[index] == 0x2B || bytes[index] == 0x2D { index += 1 }
            guard isDigit(index) else { return nil }
            while isDigit(index) { index += 1 }
        }
        guard index == count else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        if let value = Int64(text), !(negative && value == 0) { return JSONNumber(value) }
        guard let value = Double(text), value.isFinite else { return nil }
        return JSONNumber(storage: .literal(bytes, value))
    }
}

extension JSONNumber: Hashable {
    /// Numbers are equal by value: `1`, `1.0` and `1e0` are one number. Integers beyond a double's precision compare exactly.
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        if case .integer(let first) = left.storage, case .integer(let second) = right.storage { return first == second }
        if left.isIntegerLiteral, right.isIntegerLiteral { return left.text == right.text }
        return left.double == right.double
    }

    /// Hashes the nearest double, so that equal numbers hash alike.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(double == 0 ? 0 : double)
    }
}
