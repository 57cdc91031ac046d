/// The generator `java.util.Random`: AWS's `States.MathRandom` with a seed answers what it answers
/// (`States.MathRandom(1, 100, 42)` is 63 there and here).
///
/// Source: the algorithm in the Java SE documentation of `java.util.Random`.
struct JavaRandom {
    private static let multiplier: UInt64 = 0x5_DEEC_E66D
    private static let mask: UInt64 = (1 << 48) - 1
    private var state: UInt64

    /// A generator with this seed; only its lower 48 bits matter.
    init(seed: Int64) {
        state = (UInt64(bitPattern: seed) ^ JavaRandom.multiplier) & JavaRandom.mask
    }

    private mutating func next(bits: UInt64) -> Int32 {
        state = (state &* JavaRandom.multiplier &+ 0xB) & JavaRandom.mask
        return Int32(truncatingIfNeeded: state >> (48 - bits))
    }

    /// A number from `start` up to but not including `end`, as `ints(start, end)` draws it; `start` is below `end`.
    mutating func number(from start: Int32, to end: Int32) -> Int32 {
        precondition(start < end, "the range must not be empty")
        let (width, isWide) = end.subtractingReportingOverflow(start)
        if isWide {
            while true {
                let drawn = next(bits: 32)
                if drawn >= start, drawn < end { return drawn }
            }
        }
        if width & (width - 1) == 0 {
            return start + Int32(truncatingIfNeeded: (Int64(width) * Int64(next(bits: 31))) >> 31)
        }
        while true {
            let drawn = next(bits: 31)
            let remainder = drawn % width
            // Numbers of the last, incomplete round would favour small remainders.
            if !(drawn - remainder).addingReportingOverflow(width - 1).overflow {
                return start + remainder
            }
        }
    }
}
