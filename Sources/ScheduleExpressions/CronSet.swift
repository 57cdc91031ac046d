/// A set of small numbers from a first one on, at most 256 of them, as bits.
struct CronSet: Hashable, Sendable {
    private let first: Int
    /// A vector only because it is stored in place, where an array would allocate for each month looked at.
    private var words = SIMD4<UInt64>()

    /// The empty set of numbers from `first` on.
    init(first: Int) {
        self.first = first
    }

    /// Whether the number is in the set.
    func contains(_ number: Int) -> Bool {
        let bit = number - first
        guard bit >= 0, bit < 256 else { return false }
        return words[bit >> 6] & 1 << UInt64(bit & 63) != 0
    }

    /// Adds a number, which lies within 256 of the first.
    mutating func insert(_ number: Int) {
        let bit = number - first
        words[bit >> 6] |= 1 << UInt64(bit & 63)
    }

    /// Adds every `step`th number of the range, beginning with its start.
    mutating func insert(_ range: ClosedRange<Int>, step: Int) {
        for number in stride(from: range.lowerBound, through: range.upperBound, by: step) { insert(number) }
    }

    /// The smallest number of the set that is at least `number`, or nil.
    func next(from number: Int) -> Int? {
        var bit = max(0, number - first)
        while bit < 256 {
            let word = words[bit >> 6] >> UInt64(bit & 63)
            if word != 0 { return first + bit + word.trailingZeroBitCount }
            bit = (bit >> 6 + 1) << 6
        }
        return nil
    }
}
