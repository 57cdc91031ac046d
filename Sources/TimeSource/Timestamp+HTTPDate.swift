private let weekdayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
private let monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

extension Timestamp {
    /// The instant as an HTTP date, `Fri, 20 Nov 2026 23:35:56 GMT` (RFC 9110, section 5.6.7).
    package var httpDate: String {
        let civil = CivilDateTime(self)
        var out = DigitBuffer(capacity: 24)
        out.append(civil.date.day, width: 2)
        out.append(" ")
        let day = out.text
        var time = DigitBuffer(capacity: 24)
        time.append(" ")
        time.append(civil.date.year, width: 4)
        time.append(" ")
        time.append(civil.hour, width: 2)
        time.append(":")
        time.append(civil.minute, width: 2)
        time.append(":")
        time.append(civil.second, width: 2)
        time.append(" GMT")
        return weekdayNames[civil.date.weekday] + ", " + day + monthNames[civil.date.month - 1] + time.text
    }

    /// Parses an HTTP date in the preferred format; nil when the text is anything else. The weekday is not compared.
    package init?(httpDate text: String) {
        var reader = DigitReader(text)
        guard reader.skip(past: ","), reader.take(" "), let day = reader.number(digits: 2), reader.take(" "),
            let name = reader.text(length: 3), let month = monthNames.firstIndex(of: name), reader.take(" "),
            let year = reader.number(digits: 4), reader.take(" "),
            let hour = reader.number(digits: 2), reader.take(":"),
            let minute = reader.number(digits: 2), reader.take(":"),
            let second = reader.number(digits: 2), reader.take(" "), reader.text(length: 3) == "GMT", reader.isAtEnd
        else { return nil }
        self.init(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
    }
}
