/// An instant of wall-clock time, in whole milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// It is the one representation of instants inside the product: what tables store, what schedules compute with and what
/// the wire formats from. It has no `Codable` conformance on purpose: each format says itself how it writes a time.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before that.
    package var milliseconds: Int64

    /// The instant that many milliseconds after 1970-01-01T00:00:00Z.
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The instant that many whole seconds after 1970-01-01T00:00:00Z.
    package init(seconds: Int64) {
        self.milliseconds = seconds * 1_000
    }

    /// Whole seconds since 1970, rounded towards the past.
    package var seconds: Int64 {
        let quotient = milliseconds / 1_000
        return milliseconds % 1_000 < 0 ? quotient - 1 : quotient
    }

    /// Seconds since 1970 with three decimals: the form of AWS's JSON protocols (`1479859015.231`).
    package var secondsWithFraction: Double {
        Double(milliseconds) / 1_000
    }

    /// 1970-01-01T00:00:00Z.
    package static let epoch = Timestamp(milliseconds: 0)

    /// Whether the left instant is earlier.
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The instant `duration` later; parts of a millisecond are dropped.
    package static func + (instant: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(milliseconds: instant.milliseconds + duration.wholeMilliseconds)
    }

    /// The instant `duration` earlier; parts of a millisecond are dropped.
    package static func - (instant: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(milliseconds: instant.milliseconds - duration.wholeMilliseconds)
    }

    /// The time from the right instant to the left one.
    package static func - (later: Timestamp, earlier: Timestamp) -> Duration {
        .milliseconds(later.milliseconds - earlier.milliseconds)
    }

    /// Moves the instant by `duration`.
    package static func += (instant: inout Timestamp, duration: Duration) {
        instant = instant + duration
    }
}

extension Timestamp: CustomStringConvertible {
    /// The instant as ISO 8601 with milliseconds, for logs and test failures.
    package var description: String { iso8601Milliseconds }
}

extension Duration {
    /// The duration in milliseconds, rounded towards zero.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }

    /// The duration in nanoseconds, rounded towards zero and clamped to what 64 bits hold (292 years).
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowed) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || overflowed ? (seconds < 0 ? .min : .max) : sum
    }
}
