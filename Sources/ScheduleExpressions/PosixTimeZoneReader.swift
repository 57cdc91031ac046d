/// Reads the parts of a POSIX time zone rule from left to right.
struct PosixTimeZoneReader {
    private let bytes: [UInt8]
    private var position = 0

    /// A reader at the start of `text`.
    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Whether everything was read.
    var isAtEnd: Bool { position == bytes.count }

    /// Whether `character` comes next.
    func isNext(_ character: Unicode.Scalar) -> Bool {
        position < bytes.count && UInt32(bytes[position]) == character.value
    }

    /// Steps over `character` when it comes next, and says whether it did.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard isNext(character) else { return false }
        position += 1
        return true
    }

    /// Steps over a name: letters, or anything between `<` and `>`.
    mutating func skipName() -> Bool {
        let start = position
        if take("<") {
            while position < bytes.count, !isNext(">") { position += 1 }
            return take(">")
        }
        while position < bytes.count, bytes[position] | 0x20 >= 0x61, bytes[position] | 0x20 <= 0x7A { position += 1 }
        return position - start >= 3
    }

    /// Reads `[+-]hh[:mm[:ss]]` and returns it in seconds.
    mutating func offset() -> Int? {
        var sign = 1
        if take("-") { sign = -1 } else { _ = take("+") }
        guard let hours = number(), hours <= 167 else { return nil }
        var seconds = hours * 3_600
        for unit in [60, 1] where take(":") {
            guard let part = number(), part <= 59 else { return nil }
            seconds += part * unit
        }
        return sign * seconds
    }

    /// Reads a day and, after a slash, a time, which is 02:00:00 when absent.
    mutating func moment() -> PosixTimeZone.YearlyMoment? {
        let day: PosixTimeZone.YearlyMoment.Day
        if take("J") {
            guard let number = number(), (1...365).contains(number) else { return nil }
            day = .withoutLeapDay(number)
        } else if take("M") {
            guard let month = number(), (1...12).contains(month), take("."), let week = number(),
                (1...5).contains(week), take("."), let weekday = number(), weekday <= 6
            else { return nil }
            day = .weekday(month: month, week: week, weekday: weekday)
        } else {
            guard let number = number(), number <= 365 else { return nil }
            day = .ofYear(number)
        }
        guard take("/") else { return .init(day: day, second: 7_200) }
        guard let second = offset() else { return nil }
        return .init(day: day, second: second)
    }

    private mutating func number() -> Int? {
        let start = position
        var value = 0
        while position < bytes.count, (0x30...0x39).contains(bytes[position]), position - start < 4 {
            value = value * 10 + Int(bytes[position] - 0x30)
            position += 1
        }
        return position > start ? value : nil
    }
}
