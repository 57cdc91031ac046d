import TimeSource

/// Which days of a month a cron expression means: by the day of the month or by the day of the week, never by both.
enum CronDayRule: Hashable, Sendable {
    /// Days by number.
    case days(CronSet)
    /// `L`, `L-3`: so many days before the last one.
    case last(offset: Int)
    /// `15W`: the Monday to Friday nearest to that day, without leaving the month.
    case nearestWeekday(Int)
    /// `LW`: the last Monday to Friday.
    case lastWeekday
    /// Days of the week, 1 for Sunday to 7 for Saturday.
    case weekdays(CronSet)
    /// `6L`: the last such day of the week.
    case lastOfWeekday(Int)
    /// `6#3`: the third such day of the week; a month may have none.
    case nthOfWeekday(Int, Int)

    /// Reads the day-of-month and day-of-week fields, exactly one of which must be `?`.
    init(dayOfMonth: String, dayOfWeek: String) throws(ScheduleExpressionError) {
        switch (dayOfMonth == "?", dayOfWeek == "?") {
        case (false, true): self = try Self.byDayOfMonth(dayOfMonth)
        case (true, false): self = try Self.byDayOfWeek(dayOfWeek)
        case (true, true):
            throw ScheduleExpressionError("Only one of the day-of-month and day-of-week fields can be ?.")
        case (false, false):
            throw ScheduleExpressionError("One of the day-of-month and day-of-week fields must be ?.")
        }
    }

    /// The days of a month as bits, bit 1 for the first.
    func days(inMonth month: Int, year: Int) -> CronSet {
        let length = CivilDate.daysInMonth(month, year: year)
        // 1 for Sunday to 7 for Saturday, as in the expression.
        let firstWeekday = CivilDate(year: year, month: month, day: 1).weekday + 1
        func firstDay(of weekday: Int) -> Int { (weekday - firstWeekday + 7) % 7 + 1 }

        var selected = CronSet(first: 1)
        switch self {
        case .days(let days):
            var day = days.next(from: 1)
            while let found = day, found <= length {
                selected.insert(found)
                day = days.next(from: found + 1)
            }
        case .last(let offset):
            if length - offset >= 1 { selected.insert(length - offset) }
        case .nearestWeekday(let day):
            if day <= length { selected.insert(Self.nearestWeekday(to: day, length, firstWeekday)) }
        case .lastWeekday:
            selected.insert(Self.nearestWeekday(to: length, length, firstWeekday))
        case .weekdays(let weekdays):
            for weekday in 1...7 where weekdays.contains(weekday) {
                selected.insert(firstDay(of: weekday)...length, step: 7)
            }
        case .lastOfWeekday(let weekday):
            let first = firstDay(of: weekday)
            selected.insert(first + (length - first) / 7 * 7)
        case .nthOfWeekday(let weekday, let nth):
            let day = firstDay(of: weekday) + (nth - 1) * 7
            if day <= length { selected.insert(day) }
        }
        return selected
    }

    private static func nearestWeekday(to day: Int, _ length: Int, _ firstWeekday: Int) -> Int {
        switch (firstWeekday + day - 2) % 7 + 1 {
        case 7: day == 1 ? 3 : day - 1
        case 1: day == length ? day - 2 : day + 1
        default: day
        }
    }

    private static func byDayOfMonth(_ text: String) throws(ScheduleExpressionError) -> CronDayRule {
        let field = CronField.dayOfMonth
        let upper = text.uppercased()
        if upper == "L" { return .last(offset: 0) }
        if upper == "LW" || upper == "WL" { return .lastWeekday }
        if upper.hasPrefix("L-") {
            guard let offset = Int(upper.dropFirst(2)), (0...30).contains(offset) else {
                throw field.fault("has an offset from the last day that is not within 0 to 30, '\(text)'")
            }
            return .last(offset: offset)
        }
        if upper.hasSuffix("W") {
            guard !upper.contains(",") else { throw field.fault("has W in a list, which takes one day only") }
            return .nearestWeekday(try field.number(upper.dropLast()))
        }
        guard !upper.contains("L"), !upper.contains("W") else {
            throw field.fault("combines L or W with other days, '\(text)'")
        }
        return .days(try field.numbers(text))
    }

    private static func byDayOfWeek(_ text: String) throws(ScheduleExpressionError) -> CronDayRule {
        let field = CronField.dayOfWeek
        let upper = text.uppercased()
        if upper.contains("#") {
            let parts = upper.split(separator: "#", omittingEmptySubsequences: false)
            guard parts.count == 2, let nth = Int(parts[1]), (1...5).contains(nth) else {
                throw field.fault("has # without one number from 1 to 5 after it, '\(text)'")
            }
            return .nthOfWeekday(try field.number(parts[0]), nth)
        }
        if upper == "L" {
            var saturday = CronSet(first: 1)
            saturday.insert(7)
            return .weekdays(saturday)
        }
        if upper.hasSuffix("L") {
            guard !upper.contains(",") else { throw field.fault("has L in a list, which takes one day only") }
            return .lastOfWeekday(try field.number(upper.dropLast()))
        }
        return .weekdays(try field.numbers(text))
    }
}
