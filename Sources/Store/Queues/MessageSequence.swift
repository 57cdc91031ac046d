package import TimeSource

/// The places of messages: numbers that grow with engine time, so that "older than" is a range of keys.
///
/// The upper bits are milliseconds since 1970, the lower 20 count within one, borrowing from the next when they run out.
package enum MessageSequence {
    private static let bits: Int64 = 20

    /// The number after `last`, at this time.
    package static func next(after last: Int64, at now: Timestamp) -> Int64 {
        max(last + 1, now.milliseconds << bits)
    }

    /// The largest number that was given out before an instant.
    package static func last(before instant: Timestamp) -> Int64 {
        (instant.milliseconds << bits) - 1
    }

    /// When a number was given out, about.
    package static func time(of sequence: Int64) -> Timestamp {
        Timestamp(milliseconds: sequence >> bits)
    }

    /// The number as clients of a FIFO queue see it: 20 digits, growing as the number does.
    package static func text(_ sequence: Int64) -> String {
        String(10_000_000_000_000_000_000 + UInt64(bitPattern: sequence))
    }
}
