package import TimeSource

extension CronExpression {
    /// The first instant strictly after `instant` at which the pattern is due in `zone`, or nil when there is none up to the year 2199.
    ///
    /// Between two changes of its clock a zone's local time runs evenly. So the search goes from one such period to the next, and
    /// straight to the period of the next match where that is far away.
    package func next(
        after instant: Timestamp, in zone: TimeZoneRules, policy: DaylightSavingPolicy
    ) -> Timestamp? {
        // No pattern has a year before 1970 or after 2199, so times far outside need no search.
        guard instant < Self.searchEnd else { return nil }
        var from = max(Timestamp(milliseconds: instant.milliseconds + 1), Self.searchStart)
        while true {
            let period = zone.period(at: from)
            var localStart = from.milliseconds + period.offsetMilliseconds
            if let start = period.start {
                let localBefore = start.milliseconds + period.previousOffsetMilliseconds
                if from == start, policy.gap == .runAtNextValidInstant,
                    let missed = firstMatch(atOrAfterLocal: localBefore),
                    missed < start.milliseconds + period.offsetMilliseconds
                {
                    return start
                }
                // Local times before this one were shown already, before the clock was put back.
                if policy.overlap == .runOnce { localStart = max(localStart, localBefore) }
            }
            guard let match = firstMatch(atOrAfterLocal: localStart) else { return nil }
            let due = Timestamp(milliseconds: match - period.offsetMilliseconds)
            guard let end = period.end, due >= end else { return due }
            // No zone is further than 26 hours from any other, so nothing can be due earlier than that before the match.
            let near = max(end, Timestamp(milliseconds: match - 26 * 3_600_000))
            from = max(end, zone.period(at: near).start ?? end)
        }
    }

    /// Two days before the year 1970 and two days after the year 2199, in UTC: further than any zone is from it.
    private static let searchStart = Timestamp(seconds: -2 * 86_400)
    private static let searchEnd = CivilDateTime(date: CivilDate(year: 2200, month: 1, day: 3)).timestampInUTC

    /// The match as milliseconds of local time, counted as if the zone were UTC.
    private func firstMatch(atOrAfterLocal milliseconds: Int64) -> Int64? {
        firstMatch(atOrAfter: CivilDateTime(Timestamp(milliseconds: milliseconds)))?.timestampInUTC.milliseconds
    }
}
