package import TimeSource

/// A calendar pattern of six fields: minutes, hours, day of month, month, day of week, year.
package struct CronExpression: Hashable, Sendable {
    private let minutes: CronSet
    private let hours: CronSet
    private let days: CronDayRule
    private let months: CronSet
    private let years: CronSet

    /// Parses what stands between the parentheses of `cron(0 22 * * ? *)`.
    package init(parsing text: String) throws(ScheduleExpressionError) {
        let fields = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard fields.count == 6 else {
            throw ScheduleExpressionError("cron(…) takes six fields, not \(fields.count).")
        }
        minutes = try CronField.minutes.numbers(fields[0])
        hours = try CronField.hours.numbers(fields[1])
        months = try CronField.month.numbers(fields[3])
        days = try CronDayRule(dayOfMonth: fields[2], dayOfWeek: fields[4])
        years = try CronField.year.numbers(fields[5])
    }

    /// Whether a clock that shows `local` stands in a minute of the pattern; seconds do not count.
    package func matches(_ local: CivilDateTime) -> Bool {
        let date = local.date
        return minutes.contains(local.minute) && hours.contains(local.hour) && months.contains(date.month)
            && years.contains(date.year) && days.days(inMonth: date.month, year: date.year).contains(date.day)
    }

    /// The first minute of the pattern that starts at or after `local`, or nil when there is none up to the year 2199.
    ///
    /// It goes from field to field, so that it costs the same whether the next fire is a minute or a century away.
    package func firstMatch(atOrAfter local: CivilDateTime) -> CivilDateTime? {
        var start = local
        if start.second > 0 || start.millisecond > 0 {
            // The next whole minute; the arithmetic of instants carries over into hours, days and years.
            let minute = CivilDateTime(date: start.date, hour: start.hour, minute: start.minute)
            start = CivilDateTime(minute.timestampInUTC + .seconds(60))
        }
        var year = years.next(from: start.date.year)
        while let currentYear = year {
            let inFirstYear = currentYear == start.date.year
            var month = months.next(from: inFirstYear ? start.date.month : 1)
            while let currentMonth = month {
                let inFirstMonth = inFirstYear && currentMonth == start.date.month
                if let found = firstMatch(inMonth: currentMonth, year: currentYear, from: inFirstMonth ? start : nil) {
                    return found
                }
                month = months.next(from: currentMonth + 1)
            }
            year = years.next(from: currentYear + 1)
        }
        return nil
    }

    private func firstMatch(inMonth month: Int, year: Int, from start: CivilDateTime?) -> CivilDateTime? {
        let days = self.days.days(inMonth: month, year: year)
        var day = days.next(from: start?.date.day ?? 1)
        while let currentDay = day {
            let date = CivilDate(year: year, month: month, day: currentDay)
            let firstDay = start?.date == date ? start : nil
            var hour = hours.next(from: firstDay?.hour ?? 0)
            while let currentHour = hour {
                let firstMinute = firstDay?.hour == currentHour ? firstDay?.minute ?? 0 : 0
                if let minute = minutes.next(from: firstMinute) {
                    return CivilDateTime(date: date, hour: currentHour, minute: minute)
                }
                hour = hours.next(from: currentHour + 1)
            }
            day = days.next(from: currentDay + 1)
        }
        return nil
    }
}
