/// Dates as mail headers write them.
enum MailDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The instant, given in milliseconds since 1970, as `Thu, 20 Nov 2025 23:40:00 +0000` (RFC 5322, section 3.3).
    static func text(forMilliseconds milliseconds: Int64) -> String {
        let seconds = floorDivided(milliseconds, by: 1000).quotient
        let (day, secondOfDay) = floorDivided(seconds, by: 86_400)
        let date = civilDate(daysSince1970: day)
        let weekday = Int(floorDivided(day, by: 7).remainder)  // 1970-01-01 was a Thursday.
        let time = [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map(twoDigits).joined(separator: ":")
        return "\(weekdays[weekday]), \(date.day) \(months[date.month - 1]) \(fourDigits(date.year)) \(time) +0000"
    }

    /// Gregorian date of a day number, by counting from 1 March of year 0, where the leap day ends each cycle.
    private static func civilDate(daysSince1970: Int64) -> (year: Int64, month: Int, day: Int64) {
        let (era, dayOfEra) = floorDivided(daysSince1970 + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func floorDivided(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private static func fourDigits(_ value: Int64) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
