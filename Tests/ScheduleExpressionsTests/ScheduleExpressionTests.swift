import Testing
import TimeSource

@testable import ScheduleExpressions

@Suite struct ScheduleExpressionTests {
    @Test(arguments: [
        ("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(1 hour)", 3_600), ("rate(12 hours)", 43_200),
        ("rate(1 day)", 86_400), ("rate(7 days)", 604_800),
    ])
    func ratesHaveAFixedInterval(text: String, seconds: Int) throws {
        guard case .rate(let rate) = try ScheduleExpression(parsing: text) else {
            Issue.record("\(text) is no rate")
            return
        }
        #expect(rate.interval == .seconds(seconds))
    }

    @Test(arguments: [
        "rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "rate(-1 minutes)", "rate(1.5 hours)", "rate(5)",
        "rate(5  minutes)", "rate( 5 minutes)", "rate(5 minutes", "rate(5 Minutes)", "rate(5 seconds)", "rate(five minutes)",
        "rate(99999999999 days)", "Rate(5 minutes)", "rate 5 minutes", "", "()", "every(5 minutes)",
        "cron(0 10 * * ?)", "cron(0 10 * * ? * *)", "cron(0 10 * * * *)", "cron(0 10 ? * ? *)", "cron(60 10 * * ? *)",
        "cron(0 24 * * ? *)", "cron(0 10 0 * ? *)", "cron(0 10 32 * ? *)", "cron(0 10 * 13 ? *)", "cron(0 10 ? * 0 *)",
        "cron(0 10 ? * 8 *)", "cron(0 10 * * ? 1969)", "cron(0 10 * * ? 2200)", "cron(0 10 * * ? 2030-2029)",
        "cron(a 10 * * ? *)", "cron(0 10 * JANUARY ? *)", "cron(0/0 10 * * ? *)", "cron(0/60 10 * * ? *)", "cron(1,,2 10 * * ? *)",
        "cron(1-2-3 10 * * ? *)", "cron(1/2/3 10 * * ? *)", "cron(? 10 * * ? *)", "cron(0 10 L,15 * ? *)", "cron(0 10 1W,2W * ? *)",
        "cron(0 10 ? * 2#6 *)", "cron(0 10 ? * 2#0 *)", "cron(0 10 ? * 2#1,3#1 *)", "cron(0 10 ? * 2L,3L *)", "cron(0 10 0W * ? *)",
        "cron(* * * * * *)", "cron()", "cron(-1 10 * * ? *)", "cron(+1 10 * * ? *)",
        "at(2026-11-20)", "at(2026-11-20T22:00:00Z)", "at(2026-02-30T22:00:00)", "at(2026-11-20 22:00:00)",
        "at(2026-11-20T22:00:00.5)",
    ])
    func faultyExpressionsAreRefused(text: String) {
        #expect(throws: ScheduleExpressionError.self) { try ScheduleExpression(parsing: text) }
    }

    @Test(arguments: [
        ("cron(0 25 * * ? *)", "The hours field has 25, which is not within 0 to 23."),
        ("cron(0 10 * * * *)", "One of the day-of-month and day-of-week fields must be ?."),
        ("cron(0 10 * * ?)", "cron(…) takes six fields, not 5."),
        ("rate(1 minutes)", "The unit of rate(…) is singular for the value 1 and plural for all others."),
        ("cron(0 10 ? * FUN *)", "The day-of-week field cannot be read at 'FUN'."),
    ])
    func theReasonSaysWhatIsWrong(text: String, reason: String) {
        #expect(throws: ScheduleExpressionError(reason)) { try ScheduleExpression(parsing: text) }
    }

    @Test func rulesTakeNoAt() {
        #expect(throws: ScheduleExpressionError.self) {
            try ScheduleExpression(parsing: "at(2026-11-20T22:00:00)", dialect: .rule)
        }
        #expect(throws: Never.self) { try ScheduleExpression(parsing: "rate(5 minutes)", dialect: .rule) }
    }

    @Test func aRateCountsFromItsAnchor() throws {
        let rate = try ScheduleExpression(parsing: "rate(5 minutes)")
        let anchor = Timestamp(milliseconds: 1_000_123)
        #expect(rate.next(after: anchor - .seconds(9_999), anchor: anchor) == anchor)
        #expect(rate.next(after: anchor, anchor: anchor) == anchor + .seconds(300))
        #expect(rate.next(after: anchor + .milliseconds(299_999), anchor: anchor) == anchor + .seconds(300))
        #expect(rate.next(after: anchor + .seconds(300), anchor: anchor) == anchor + .seconds(600))
        #expect(rate.next(after: anchor + .seconds(3_000_001), anchor: anchor) == anchor + .seconds(3_000_300))
    }

    @Test func anAtIsDueOnceInItsZone() throws {
        let at = try ScheduleExpression(parsing: "at(2026-11-20T22:00:00)")
        let zurich = try ZoneDirectory().zone(named: "Europe/Zurich")
        let due = try #require(Timestamp(rfc3339: "2026-11-20T22:00:00+01:00"))
        #expect(at.next(after: .epoch, anchor: .epoch, in: zurich) == due)
        #expect(at.next(after: due, anchor: .epoch, in: zurich) == nil)
    }
}
