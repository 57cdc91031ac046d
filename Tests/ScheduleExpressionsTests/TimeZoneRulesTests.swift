import Foundation
import Testing
import TimeSource

@testable import ScheduleExpressions

@Suite struct TimeZoneRulesTests {
    @Test(arguments: [
        ("Europe/Zurich", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59Z"),
        ("Europe/Zurich", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"),
        ("Europe/Zurich", "2026-10-25T00:59:59Z", "2026-10-25T02:59:59Z"),
        ("Europe/Zurich", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"),
        ("Europe/Zurich", "2099-07-01T12:00:00Z", "2099-07-01T14:00:00Z"),
        ("America/New_York", "2060-07-01T12:00:00Z", "2060-07-01T08:00:00Z"),
        ("America/New_York", "2060-12-01T12:00:00Z", "2060-12-01T07:00:00Z"),
        ("Asia/Kolkata", "2045-01-01T00:00:00Z", "2045-01-01T05:30:00Z"),
        ("Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01T05:45:00Z"),
        ("Australia/Lord_Howe", "2040-01-01T00:00:00Z", "2040-01-01T11:00:00Z"),
        ("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T23:59:59Z"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00Z"),
        ("Europe/Dublin", "2050-07-01T12:00:00Z", "2050-07-01T13:00:00Z"),
        ("Europe/Dublin", "2050-01-01T12:00:00Z", "2050-01-01T12:00:00Z"),
        ("Etc/GMT+5", "2026-01-01T12:00:00Z", "2026-01-01T07:00:00Z"),
        ("UTC", "2026-01-01T12:00:00Z", "2026-01-01T12:00:00Z"),
    ])
    func clocksShow(zone: String, instant: String, shown: String) throws {
        let rules = try ZoneDirectory().zone(named: zone)
        let at = try #require(Timestamp(rfc3339: instant))
        #expect(rules.local(at: at).timestampInUTC.iso8601Seconds == shown)
    }

    @Test func localTimesFindTheirInstant() throws {
        let zurich = try ZoneDirectory().zone(named: "Europe/Zurich")
        for (local, instant) in [
            ("2026-07-01T12:00:00Z", "2026-07-01T10:00:00Z"),  // ordinary
            ("2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"),  // twice: the first
            ("2026-03-29T02:30:00Z", "2026-03-29T01:00:00Z"),  // never: when the clock was put forward
            ("2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z"),
        ] {
            let civil = CivilDateTime(try #require(Timestamp(rfc3339: local)))
            #expect(zurich.instant(of: civil).iso8601Seconds == instant)
        }
    }

    /// An independent implementation, hour by hour over changes of the clock on both sides of the tables' end.
    @Test(arguments: [
        "Europe/Zurich", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "Pacific/Auckland",
    ])
    func agreesWithFoundation(zone: String) throws {
        let rules = try ZoneDirectory().zone(named: zone)
        let reference = try #require(TimeZone(identifier: zone))
        for year in [2026, 2037, 2038, 2071] {
            let start = try #require(Timestamp(year: year, month: 1, day: 1))
            for hour in 0..<(365 * 24) {
                let instant = start + .seconds(hour * 3_600)
                let expected = reference.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds)))
                let offset = rules.period(at: instant).offsetMilliseconds
                guard offset == Int64(expected) * 1_000 else {
                    Issue.record("\(zone) at \(instant): \(offset) instead of \(expected * 1_000)")
                    return
                }
            }
        }
    }

    @Test(arguments: ["Europe/Zurich", "America/New_York", "Africa/Casablanca", "Europe/Dublin", "Pacific/Apia", "Asia/Gaza"])
    func periodsFollowEachOtherWithoutHoles(zone: String) throws {
        let rules = try ZoneDirectory().zone(named: zone)
        var period = rules.period(at: Timestamp(seconds: -5_000_000_000))
        #expect(period.start == nil)
        var count = 0
        while let end = period.end, end < Timestamp(seconds: 5_000_000_000) {
            let next = rules.period(at: end)
            #expect(next.start == end && next.previousOffsetMilliseconds == period.offsetMilliseconds)
            #expect(next.offsetMilliseconds != period.offsetMilliseconds)
            #expect(rules.period(at: Timestamp(milliseconds: end.milliseconds - 1)) == period)
            period = next
            count += 1
        }
        #expect(count > 3)
    }

    @Test(arguments: [
        "", "/etc/passwd", "../zoneinfo/UTC", "Europe/../UTC", "Europe/Nowhere", "Europe", "Europe/Zurich/", "tzdata.zi",
        "zone.tab", "Europe//Zurich", "Zürich", "utc\0", String(repeating: "A", count: 65),
    ])
    func namesThatAreNoZones(name: String) {
        #expect(throws: ZoneDirectory.UnknownZone(name: name)) { try ZoneDirectory().zone(named: name) }
    }

    @Test func damagedFilesAreRefused() throws {
        let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/Zurich")))
        #expect(TZifReader(file).rules() != nil)
        for length in stride(from: 0, to: file.count - 40, by: 7) {
            #expect(TZifReader(Array(file[..<length])).rules() == nil)
        }
        let random = SeededRandomSource(seed: 5)
        for _ in 0..<500 {
            var damaged = file
            damaged[Int(random.number(below: UInt64(file.count)))] = UInt8(truncatingIfNeeded: random.nextWord())
            // Whatever comes of it, it must not trap.
            _ = TZifReader(damaged).rules()?.period(at: Timestamp(seconds: 1_795_217_756))
        }
    }

    @Test(arguments: [
        ("CET-1CEST,M3.5.0,M10.5.0/3", true), ("<+01>-1", true), ("IST-1GMT0,M10.5.0,M3.5.0/1", true),
        ("EST5EDT,J60/-1,300/25:30:15", true), ("XXX", false), ("CET-1CEST", false), ("CET-1CEST,M3.5.0", false),
        ("CET-1CEST,M13.5.0,M10.5.0", false), ("CET-1CEST,M3.6.0,M10.5.0", false), ("E5", false), ("<+01", false),
    ])
    func readsFooters(text: String, isRule: Bool) {
        #expect((PosixTimeZone(parsing: text) != nil) == isRule)
    }
}
