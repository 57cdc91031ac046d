import Testing
import TimeSource

@testable import ScheduleExpressions

@Suite struct CronExpressionTests {
    /// From the examples of AWS's documentation and the corners of each wildcard: the first fires after an instant.
    @Test(arguments: [
        ("0 10 * * ? *", "2026-11-20T10:00:00Z", ["2026-11-21T10:00:00Z", "2026-11-22T10:00:00Z"]),
        ("15 12 * * ? *", "2026-11-20T12:14:59Z", ["2026-11-20T12:15:00Z", "2026-11-21T12:15:00Z"]),
        ("0 18 ? * MON-FRI *", "2026-11-20T18:00:00Z", ["2026-11-23T18:00:00Z", "2026-11-24T18:00:00Z"]),
        ("0 8 1 * ? *", "2026-11-20T00:00:00Z", ["2026-12-01T08:00:00Z", "2027-01-01T08:00:00Z"]),
        ("0/15 * * * ? *", "2026-11-20T23:46:00Z", ["2026-11-21T00:00:00Z", "2026-11-21T00:15:00Z"]),
        ("0/10 * ? * MON-FRI *", "2026-11-20T23:50:00Z", ["2026-11-23T00:00:00Z"]),
        ("0/5 8-17 ? * MON-FRI *", "2026-11-20T17:55:00Z", ["2026-11-23T08:00:00Z"]),
        ("0/30 20-2 ? * MON-FRI *", "2026-11-20T02:30:00Z", ["2026-11-20T20:00:00Z"]),
        ("0 0 L * ? *", "2027-02-01T00:00:00Z", ["2027-02-28T00:00:00Z", "2027-03-31T00:00:00Z"]),
        ("0 0 L-2 * ? *", "2028-02-01T00:00:00Z", ["2028-02-27T00:00:00Z"]),
        ("0 0 LW * ? *", "2027-01-01T00:00:00Z", ["2027-01-29T00:00:00Z", "2027-02-26T00:00:00Z"]),
        ("0 0 15W * ? *", "2026-08-01T00:00:00Z", ["2026-08-14T00:00:00Z", "2026-09-15T00:00:00Z"]),
        ("0 0 1W * ? *", "2026-07-31T00:00:00Z", ["2026-08-03T00:00:00Z", "2026-09-01T00:00:00Z"]),
        ("0 0 31W * ? *", "2026-05-01T00:00:00Z", ["2026-05-29T00:00:00Z", "2026-07-31T00:00:00Z"]),
        ("0 0 ? * L *", "2026-11-20T00:00:00Z", ["2026-11-21T00:00:00Z", "2026-11-28T00:00:00Z"]),
        ("0 0 ? * 6L *", "2026-11-20T00:00:00Z", ["2026-11-27T00:00:00Z", "2026-12-25T00:00:00Z"]),
        ("0 0 ? * FRIL *", "2026-11-20T00:00:00Z", ["2026-11-27T00:00:00Z"]),
        ("0 9 ? * 2#1 *", "2026-11-02T09:00:00Z", ["2026-12-07T09:00:00Z"]),
        ("0 9 ? * MON#5 *", "2026-11-20T00:00:00Z", ["2026-11-30T09:00:00Z", "2027-03-29T09:00:00Z"]),
        ("0 0 29 2 ? *", "2026-01-01T00:00:00Z", ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]),
        ("0 0 29 2 ? *", "2096-03-01T00:00:00Z", ["2104-02-29T00:00:00Z"]),
        ("30 6 1,15 jan,Jul ? 2030/5", "2026-01-01T00:00:00Z", ["2030-01-01T06:30:00Z", "2030-01-15T06:30:00Z"]),
        ("0 0 1 1 ? 2199", "1970-01-01T00:00:00Z", ["2199-01-01T00:00:00Z"]),
        ("59 23 31 12 ? 2199", "2026-01-01T00:00:00Z", ["2199-12-31T23:59:00Z"]),
        ("0 12 ? * FRI-MON *", "2026-11-23T12:00:00Z", ["2026-11-27T12:00:00Z", "2026-11-28T12:00:00Z"]),
        ("  0   10\t* * ? * ", "2026-11-20T10:00:00Z", ["2026-11-21T10:00:00Z"]),
        ("* * * * ? *", "2026-12-31T23:59:00.001Z", ["2027-01-01T00:00:00Z", "2027-01-01T00:01:00Z"]),
    ])
    func firesWhenItShould(fields: String, after: String, fires: [String]) throws {
        let cron = try CronExpression(parsing: fields)
        var cursor = try #require(Timestamp(rfc3339: after))
        for fire in fires {
            let next = try #require(cron.next(after: cursor, in: .utc, policy: .scheduler))
            #expect(next.iso8601Seconds == fire)
            cursor = next
        }
    }

    @Test(arguments: ["0 0 30 2 ? *", "0 0 31 4,6,9,11 ? *", "0 0 1 1 ? 2020", "0 0 31W 2 ? *", "0 0 29 2 ? 2100"])
    func impossibleDatesNeverFire(fields: String) throws {
        let cron = try CronExpression(parsing: fields)
        let now = try #require(Timestamp(rfc3339: "2026-11-20T00:00:00Z"))
        #expect(cron.next(after: now, in: .utc, policy: .scheduler) == nil)
        let zurich = try ZoneDirectory().zone(named: "Europe/Zurich")
        #expect(cron.next(after: now, in: zurich, policy: .exactlyOnce) == nil)
    }

    @Test func timesFarOutsideAreNoTrouble() throws {
        let cron = try CronExpression(parsing: "0 0 1 1 ? *")
        let zurich = try ZoneDirectory().zone(named: "Europe/Zurich")
        for zone in [zurich, .utc] {
            let first = cron.next(after: Timestamp(milliseconds: .min), in: zone, policy: .exactlyOnce)
            #expect(first.map { zone.local(at: $0).timestampInUTC } == .epoch)
            #expect(cron.next(after: Timestamp(milliseconds: .max), in: zone, policy: .exactlyOnce) == nil)
        }
    }

    @Test func nothingFiresAfterTheLastYear() throws {
        let cron = try CronExpression(parsing: "* * * * ? *")
        let end = try #require(Timestamp(rfc3339: "2199-12-31T23:59:00Z"))
        #expect(cron.next(after: end, in: .utc, policy: .scheduler) == nil)
    }
}
