import TimeSource

/// A zone's rule for all years, as the footer of a TZif file gives it: `CET-1CEST,M3.5.0,M10.5.0/3`.
///
/// The format is that of the TZ variable in POSIX.1, section 8.3, with the extensions of RFC 8536, section 3.3.1 (hours from -167 to 167).
struct PosixTimeZone: Hashable, Sendable {
    /// A day of each year and a time on it, by the clock that is in force just before.
    struct YearlyMoment: Hashable, Sendable {
        enum Day: Hashable, Sendable {
            /// `Jn`: day 1 to 365, February 29th never counted.
            case withoutLeapDay(Int)
            /// `n`: day 0 to 365.
            case ofYear(Int)
            /// `Mm.w.d`: the w-th weekday d (0 is Sunday) of month m; 5 is the last.
            case weekday(month: Int, week: Int, weekday: Int)
        }

        var day: Day
        /// Seconds after midnight; may be negative or more than a day.
        var second: Int

        /// Seconds from 1970 to this moment of `year`, as shown by the local clock.
        func localSecond(in year: Int) -> Int64 {
            let newYear = CivilDate(year: year, month: 1, day: 1)
            let days: Int
            switch day {
            case .withoutLeapDay(let number):
                days = newYear.daysSince1970 + number - 1 + (CivilDate.isLeapYear(year) && number > 59 ? 1 : 0)
            case .ofYear(let number):
                days = newYear.daysSince1970 + number
            case .weekday(let month, let week, let weekday):
                let first = CivilDate(year: year, month: month, day: 1)
                let offset = (weekday - first.weekday + 7) % 7 + (week - 1) * 7
                let length = CivilDate.daysInMonth(month, year: year)
                days = first.daysSince1970 + (offset < length ? offset : offset - 7)
            }
            return Int64(days) * 86_400 + Int64(second)
        }
    }

    /// The other offset of the year and when it holds.
    struct Daylight: Hashable, Sendable {
        var offset: Int
        var start: YearlyMoment
        var end: YearlyMoment
    }

    /// Seconds ahead of UTC outside daylight saving time.
    var standardOffset: Int
    /// Daylight saving time, where there is one.
    var daylight: Daylight?

    /// Parses a footer; nil when it is not one.
    init?(parsing text: String) {
        var reader = PosixTimeZoneReader(text)
        guard reader.skipName(), let standard = reader.offset() else { return nil }
        standardOffset = -standard
        guard !reader.isAtEnd else { return }
        guard reader.skipName() else { return nil }
        let offset: Int
        if reader.isNext(",") {
            offset = standardOffset + 3_600
        } else {
            guard let given = reader.offset() else { return nil }
            offset = -given
        }
        guard reader.take(","), let start = reader.moment(), reader.take(","), let end = reader.moment(), reader.isAtEnd
        else { return nil }
        if offset != standardOffset { daylight = Daylight(offset: offset, start: start, end: end) }
    }

    /// The changes of the year before that of `second`, of that year and of the one after, in order. Changes that meet (of zones that keep
    /// daylight saving time all year) are left out.
    func changes(around second: Int64) -> [OffsetChange] {
        guard let daylight else { return [] }
        let year = CivilDateTime(Timestamp(seconds: second)).date.year
        var changes: [OffsetChange] = []
        for year in year - 2...year + 1 {
            changes.append(
                OffsetChange(at: daylight.start.localSecond(in: year) - Int64(standardOffset), offset: daylight.offset))
            changes.append(
                OffsetChange(at: daylight.end.localSecond(in: year) - Int64(daylight.offset), offset: standardOffset))
        }
        changes.sort { ($0.at, $0.offset == daylight.offset ? 1 : 0) < ($1.at, $1.offset == daylight.offset ? 1 : 0) }
        var kept: [OffsetChange] = []
        for change in changes {
            if kept.last?.at == change.at { kept.removeLast() }
            if kept.last?.offset != change.offset { kept.append(change) }
        }
        return kept
    }
}
