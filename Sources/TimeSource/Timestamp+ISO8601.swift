extension Timestamp {
    /// The instant as `2026-11-20T23:35:56.123Z`.
    package var iso8601Milliseconds: String {
        iso8601(separators: true, milliseconds: true)
    }

    /// The instant as `2026-11-20T23:35:56Z`; parts of a second are dropped.
    package var iso8601Seconds: String {
        iso8601(separators: true, milliseconds: false)
    }

    /// The instant as `20261120T233556Z`, the basic format that Signature Version 4 uses.
    package var iso8601Basic: String {
        iso8601(separators: false, milliseconds: false)
    }

    /// The day in UTC as `20261120`.
    package var basicDate: String {
        let date = CivilDateTime(self).date
        var out = DigitBuffer(capacity: 8)
        out.append(date.year, width: 4)
        out.append(date.month, width: 2)
        out.append(date.day, width: 2)
        return out.text
    }

    private func iso8601(separators: Bool, milliseconds: Bool) -> String {
        let civil = CivilDateTime(self)
        var out = DigitBuffer(capacity: 24)
        out.append(civil.date.year, width: 4)
        if separators { out.append("-") }
        out.append(civil.date.month, width: 2)
        if separators { out.append("-") }
        out.append(civil.date.day, width: 2)
        out.append("T")
        out.append(civil.hour, width: 2)
        if separators { out.append(":") }
        out.append(civil.minute, width: 2)
        if separators { out.append(":") }
        out.append(civil.second, width: 2)
        if milliseconds {
            out.append(".")
            out.append(civil.millisecond, width: 3)
        }
        out.append("Z")
        return out.text
    }
}

extension Timestamp {
    /// Parses an RFC 3339 time: `2026-11-20T23:35:56Z`, with any number of decimals and `Z` or an offset `+01:00`.
    ///
    /// This is the profile that the Amazon States Language names for timestamps: a capital `T` between day and time and
    /// a capital `Z` where there is no offset. Decimals past the milliseconds are dropped. nil when the text is anything else,
    /// also for days that do not exist and for leap seconds.
    package init?(rfc3339 text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(digits: 4), reader.take("-"),
            let month = reader.number(digits: 2), reader.take("-"),
            let day = reader.number(digits: 2), reader.take("T"),
            let hour = reader.number(digits: 2), reader.take(":"),
            let minute = reader.number(digits: 2), reader.take(":"),
            let second = reader.number(digits: 2)
        else { return nil }
        var millisecond = 0
        if reader.take(".") {
            guard let fraction = reader.milliseconds() else { return nil }
            millisecond = fraction
        }
        guard let offset = reader.zoneOffset(), reader.isAtEnd,
            let local = Timestamp(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second,
                millisecond: millisecond)
        else { return nil }
        self = Timestamp(milliseconds: local.milliseconds - Int64(offset) * 60_000)
    }

    /// Parses the basic format in UTC, `20261120T233556Z`; nil when the text is anything else.
    package init?(iso8601Basic text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(digits: 4), let month = reader.number(digits: 2),
            let day = reader.number(digits: 2), reader.take("T"),
            let hour = reader.number(digits: 2), let minute = reader.number(digits: 2),
            let second = reader.number(digits: 2), reader.take("Z"), reader.isAtEnd
        else { return nil }
        self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }
}
