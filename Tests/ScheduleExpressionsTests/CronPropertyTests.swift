import Testing
import TimeSource

@testable import ScheduleExpressions

/// Random expressions against an oracle that knows nothing of the parser or the search.
@Suite struct CronPropertyTests {
    /// A field as text, and which numbers that text means.
    private struct Field {
        var text: String
        var selects: @Sendable (Int) -> Bool
    }

    private static func field(_ range: ClosedRange<Int>, _ random: SeededRandomSource) -> Field {
        func pick(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(random.number(below: UInt64(range.count))) }
        switch random.number(below: 5) {
        case 0: return Field(text: "*") { _ in true }
        case 1:
            let (one, other) = (pick(range), pick(range))
            return Field(text: "\(one),\(other)") { $0 == one || $0 == other }
        case 2:
            let first = pick(range)
            let last = pick(first...range.upperBound)
            return Field(text: "\(first)-\(last)") { (first...last).contains($0) }
        case 3:
            let (first, step) = (pick(range), 1 + Int(random.number(below: 9)) % min(9, range.upperBound))
            return Field(text: "\(first)/\(step)") { $0 >= first && ($0 - first) % step == 0 }
        default:
            let number = pick(range)
            return Field(text: "\(number)") { $0 == number }
        }
    }

    /// The six fields and whether a local time is in the pattern.
    private static func expression(_ random: SeededRandomSource) -> (text: String, matches: (CivilDateTime) -> Bool) {
        let (minute, hour) = (field(0...59, random), field(0...23, random))
        let (month, year) = (field(1...12, random), field(2020...2040, random))
        let byWeekday = random.number(below: 2) == 0
        let day = byWeekday ? field(1...7, random) : field(1...31, random)
        let days = byWeekday ? "? \(month.text) \(day.text)" : "\(day.text) \(month.text) ?"
        return (
            "\(minute.text) \(hour.text) \(days) \(year.text)",
            { local in
                minute.selects(local.minute) && hour.selects(local.hour) && month.selects(local.date.month)
                    && year.selects(local.date.year)
                    && day.selects(byWeekday ? local.date.weekday + 1 : local.date.day)
            }
        )
    }

    @Test(arguments: 1...200)
    func theNextFireIsTheFirstMatchingMinute(seed: Int) throws {
        let random = SeededRandomSource(seed: UInt64(seed))
        let (text, matches) = Self.expression(random)
        let cron = try CronExpression(parsing: text)
        let start = Timestamp(seconds: 1_577_836_800 + Int64(random.number(below: 600_000_000)))
        let next = cron.next(after: start, in: .utc, policy: .scheduler)
        if let next {
            #expect(next > start && next.milliseconds % 60_000 == 0, "\(text)")
            #expect(matches(CivilDateTime(next)), "\(text) fires at \(next)")
            #expect(cron.matches(CivilDateTime(next)))
        }
        // Five days of minutes: none before the next fire may match.
        let minute = start.milliseconds / 60_000
        for step in 1...7_200 {
            let instant = Timestamp(milliseconds: (minute + Int64(step)) * 60_000)
            if let next, instant >= next { break }
            #expect(!matches(CivilDateTime(instant)), "\(text) should fire at \(instant)")
        }
    }

    private static let policies: [DaylightSavingPolicy] = [
        .scheduler, .exactlyOnce, .init(gap: .skip, overlap: .runTwice),
        .init(gap: .runAtNextValidInstant, overlap: .runTwice),
    ]

    /// Every change of the clock in these windows is stepped over minute by minute.
    @Test(arguments: [
        ("Europe/Zurich", "2026-03-28T20:00:00Z"), ("Europe/Zurich", "2026-10-24T20:00:00Z"),
        ("Europe/Zurich", "2050-03-26T20:00:00Z"), ("America/New_York", "2026-11-01T00:00:00Z"),
        ("America/New_York", "2044-03-13T00:00:00Z"), ("Australia/Lord_Howe", "2026-04-04T06:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T06:00:00Z"), ("Pacific/Apia", "2011-12-29T12:00:00Z"),
        ("America/Sao_Paulo", "2018-11-03T20:00:00Z"),
    ])
    func changesOfTheClockFollowThePolicy(zoneName: String, from: String) throws {
        let zone = try ZoneDirectory().zone(named: zoneName)
        let start = try #require(Timestamp(rfc3339: from))
        let shown = (-180...2 * 1_440).map { zone.local(at: start + .seconds(60 * $0)) }
        for seed in 1...12 {
            let random = SeededRandomSource(seed: UInt64(seed))
            let (hour, minute) = (Self.field(0...3, random), Self.field(0...59, random))
            let cron = try CronExpression(parsing: "\(minute.text) \(hour.text) * * ? *")
            for policy in Self.policies {
                let expected = Self.fires(of: cron, policy, from: start, shown: shown)
                var found: [Timestamp] = []
                var cursor = start
                while let next = cron.next(after: cursor, in: zone, policy: policy), next <= start + .seconds(172_800) {
                    found.append(next)
                    cursor = next
                }
                #expect(found == expected, "\(minute.text) \(hour.text) \(policy) in \(zoneName)")
            }
        }
    }

    /// The definition of the policy, minute by minute, from `start` excluded.
    /// - Parameter shown: what the clock shows each minute, beginning three hours before `start`.
    private static func fires(
        of cron: CronExpression, _ policy: DaylightSavingPolicy, from start: Timestamp, shown: [CivilDateTime]
    ) -> [Timestamp] {
        var latest = shown[0]
        var fires: [Timestamp] = []
        for (minute, now) in shown.enumerated().dropFirst() {
            let expected = CivilDateTime(shown[minute - 1].timestampInUTC + .seconds(60))
            var isDue = cron.matches(now) && (policy.overlap == .runTwice || now > latest)
            if policy.gap == .runAtNextValidInstant, now > expected {
                var skipped = expected
                while skipped < now, !isDue {
                    isDue = cron.matches(skipped)
                    skipped = CivilDateTime(skipped.timestampInUTC + .seconds(60))
                }
            }
            latest = max(latest, now)
            if isDue, minute > 180 { fires.append(start + .seconds(60 * (minute - 180))) }
        }
        return fires
    }
}
