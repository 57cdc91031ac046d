/// A set of code points: what one character of a pattern may be.
struct ScalarSet: Sendable, Equatable {
    /// A general category that a pattern names with `\p{…}`.
    enum Category: Sendable, Equatable {
        case letter, separator, number
    }

    private var low: UInt64 = 0
    private var high: UInt64 = 0
    private var ranges: [ClosedRange<UInt32>] = []
    private var categories: [Category] = []
    private var excluded: [ScalarSet] = []
    private var isNegated = false

    /// The empty set.
    init() {}

    /// The set of one code point.
    init(_ scalar: UInt32) {
        insert(scalar...scalar)
    }

    /// All code points but line ends: a pattern's `.`.
    static var dot: ScalarSet {
        var set = ScalarSet()
        for scalar: UInt32 in [0x0A, 0x0D, 0x85, 0x2028, 0x2029] { set.insert(scalar...scalar) }
        return set.negated()
    }

    /// Adds the code points of a range.
    mutating func insert(_ range: ClosedRange<UInt32>) {
        for scalar in range.clamped(to: 0...127) where range.contains(scalar) {
            if scalar < 64 { low |= 1 << UInt64(scalar) } else { high |= 1 << UInt64(scalar - 64) }
        }
        if range.upperBound > 127 { ranges.append(max(range.lowerBound, 128)...range.upperBound) }
    }

    /// Adds the code points of a category.
    mutating func insert(_ category: Category) {
        categories.append(category)
        // The ASCII part goes into the bits, so that plain texts never ask for Unicode properties.
        switch category {
        case .letter:
            insert(0x41...0x5A)
            insert(0x61...0x7A)
        case .separator: insert(0x20...0x20)
        case .number: insert(0x30...0x39)
        }
    }

    /// Adds what another set contains.
    mutating func formUnion(_ other: ScalarSet) {
        if other.isNegated {
            // Kept apart, because its complement has no end.
            excluded.append(other)
            for scalar: UInt32 in 0...127 where other.contains(scalar) { insert(scalar...scalar) }
        } else {
            low |= other.low
            high |= other.high
            ranges += other.ranges
            categories += other.categories
            excluded += other.excluded
        }
    }

    /// All other code points.
    func negated() -> ScalarSet {
        var set = self
        set.isNegated.toggle()
        return set
    }

    /// Whether the set has an ASCII code point.
    @inline(__always)
    func containsASCII(_ byte: UInt8) -> Bool {
        let bits = byte < 64 ? low : high
        return (bits >> UInt64(byte & 63)) & 1 == 1 ? !isNegated : isNegated
    }

    /// Whether the set has a code point.
    func contains(_ scalar: UInt32) -> Bool {
        if scalar < 128 { return containsASCII(UInt8(scalar)) }
        return holds(scalar) != isNegated
    }

    private func holds(_ scalar: UInt32) -> Bool {
        for range in ranges where range.contains(scalar) { return true }
        for set in excluded where set.contains(scalar) { return true }
        guard !categories.isEmpty, let unicode = Unicode.Scalar(scalar) else { return false }
        let category: Category? =
            switch unicode.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: .letter
            case .spaceSeparator, .lineSeparator, .paragraphSeparator: .separator
            case .decimalNumber, .letterNumber, .otherNumber: .number
            default: nil
            }
        return category.map(categories.contains) ?? false
    }
}
