package import TimeSource

/// A fixed rate: a positive whole number of minutes, hours or days.
package struct RateExpression: Hashable, Sendable {
    /// The time from one fire to the next.
    package let interval: Duration

    /// Parses what stands between the parentheses of `rate(5 minutes)`. The unit is singular for 1 and plural for all else.
    init(parsing text: String) throws(ScheduleExpressionError) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2 else {
            throw ScheduleExpressionError("rate(…) takes a value and a unit with one space between them.")
        }
        guard words[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int64(words[0]), value > 0,
            value <= 1_000_000_000
        else { throw ScheduleExpressionError("The value of rate(…) is not a positive whole number.") }
        let minutes: Int64
        switch words[1] {
        case "minute", "minutes": minutes = 1
        case "hour", "hours": minutes = 60
        case "day", "days": minutes = 1_440
        default: throw ScheduleExpressionError("The unit of rate(…) is none of minute, minutes, hour, hours, day, days.")
        }
        guard words[1].hasSuffix("s") == (value != 1) else {
            throw ScheduleExpressionError("The unit of rate(…) is singular for the value 1 and plural for all others.")
        }
        interval = .seconds(value * minutes * 60)
    }

    /// The first time after `instant` that lies a whole number of intervals after `anchor`, the anchor included.
    package func next(after instant: Timestamp, anchor: Timestamp) -> Timestamp {
        guard instant >= anchor else { return anchor }
        let step = interval.wholeMilliseconds
        let fires = (instant.milliseconds - anchor.milliseconds) / step + 1
        return Timestamp(milliseconds: anchor.milliseconds + fires * step)
    }
}
