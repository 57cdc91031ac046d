/// A day and a time of day without a time zone: what a wall clock shows.
package struct CivilDateTime: Hashable, Comparable, Sendable {
    /// The day.
    package var date: CivilDate
    /// 0 to 23.
    package var hour: Int
    /// 0 to 59.
    package var minute: Int
    /// 0 to 59.
    package var second: Int
    /// 0 to 999.
    package var millisecond: Int

    /// The time of day on that day; the parts are not checked (see `isValid`).
    package init(date: CivilDate, hour: Int = 0, minute: Int = 0, second: Int = 0, millisecond: Int = 0) {
        self.date = date
        self.hour = hour
        self.minute = minute
        self.second = second
        self.millisecond = millisecond
    }

    /// What a clock that runs on UTC shows at `instant`.
    package init(_ instant: Timestamp) {
        let dayLength: Int64 = 86_400_000
        var day = instant.milliseconds / dayLength
        var rest = instant.milliseconds % dayLength
        if rest < 0 {
            rest += dayLength
            day -= 1
        }
        date = CivilDate(daysSince1970: Int(day))
        let ofDay = Int(rest)
        hour = ofDay / 3_600_000
        minute = ofDay / 60_000 % 60
        second = ofDay / 1_000 % 60
        millisecond = ofDay % 1_000
    }

    /// The instant at which a clock that runs on UTC shows this.
    package var timestampInUTC: Timestamp {
        let ofDay = hour * 3_600_000 + minute * 60_000 + second * 1_000 + millisecond
        return Timestamp(milliseconds: Int64(date.daysSince1970) * 86_400_000 + Int64(ofDay))
    }

    /// Whether the day exists and each part of the time lies in its range; a leap second (`:60`) does not.
    package var isValid: Bool {
        date.isValid && (0...23).contains(hour) && (0...59).contains(minute) && (0...59).contains(second)
            && (0...999).contains(millisecond)
    }

    /// Whether the left one is shown earlier by the same clock.
    package static func < (left: CivilDateTime, right: CivilDateTime) -> Bool {
        if left.date != right.date { return left.date < right.date }
        return (left.hour, left.minute, left.second, left.millisecond)
            < (right.hour, right.minute, right.second, right.millisecond)
    }
}

extension Timestamp {
    /// The instant of a civil time in UTC, or nil when a part is out of its range.
    package init?(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, millisecond: Int = 0
    ) {
        let civil = CivilDateTime(
            date: CivilDate(year: year, month: month, day: day), hour: hour, minute: minute, second: second,
            millisecond: millisecond)
        guard civil.isValid else { return nil }
        self = civil.timestampInUTC
    }
}
