import Engine
import ScheduleExpressions
import Testing
import TimeSource

/// The misfire policy, as a table: a schedule that waited for `due` is looked at `late` after that.
struct TickDecisionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let expression: String
        let due: String
        let now: String
        let fires: String?
        let missed: (from: String, until: String)?
        let next: String?

        var testDescription: String { "\(expression) due \(due) at \(now)" }

        init(_ expression: String, due: String, now: String, fires: String?, missed: (String, String)? = nil, next: String?) {
            (self.expression, self.due, self.now, self.fires, self.next) = (expression, due, now, fires, next)
            self.missed = missed.map { (from: $0.0, until: $0.1) }
        }
    }

    private static let anchor = "2026-01-01T00:00:30Z"

    @Test(
        "The last tick fires when it is at most a minute late; the others are missed",
        arguments: [
            Case(
                "rate(1 minute)", due: "2026-01-01T00:01:30Z", now: "2026-01-01T00:01:30Z", fires: "2026-01-01T00:01:30Z",
                next: "2026-01-01T00:02:30Z"),
            Case(
                "rate(1 minute)", due: "2026-01-01T00:01:30Z", now: "2026-01-01T00:02:29.999Z", fires: "2026-01-01T00:01:30Z",
                next: "2026-01-01T00:02:30Z"),
            // Two ticks within the grace: once is enough.
            Case(
                "rate(1 minute)", due: "2026-01-01T00:01:30Z", now: "2026-01-01T00:02:30Z", fires: "2026-01-01T00:02:30Z",
                missed: ("2026-01-01T00:01:30Z", "2026-01-01T00:02:30Z"), next: "2026-01-01T00:03:30Z"),
            Case(
                "rate(1 minute)", due: "2026-01-01T00:01:30Z", now: "2026-01-01T09:10:40Z", fires: "2026-01-01T09:10:30Z",
                missed: ("2026-01-01T00:01:30Z", "2026-01-01T09:10:30Z"), next: "2026-01-01T09:11:30Z"),
            Case(
                "rate(1 hour)", due: "2026-01-01T01:00:30Z", now: "2026-01-01T01:01:30Z", fires: "2026-01-01T01:00:30Z",
                next: "2026-01-01T02:00:30Z"),
            Case(
                "rate(1 hour)", due: "2026-01-01T01:00:30Z", now: "2026-01-01T01:01:30.001Z", fires: nil,
                missed: ("2026-01-01T01:00:30Z", "2026-01-01T01:01:30.002Z"), next: "2026-01-01T02:00:30Z"),
            // Back just after a tick: it fires, those of the hours before do not.
            Case(
                "cron(0 * * * ? *)", due: "2026-03-01T20:00:00Z", now: "2026-03-01T23:00:20Z", fires: "2026-03-01T23:00:00Z",
                missed: ("2026-03-01T20:00:00Z", "2026-03-01T23:00:00Z"), next: "2026-03-02T00:00:00Z"),
            Case(
                "cron(0 22 * * ? *)", due: "2026-03-01T22:00:00Z", now: "2026-03-04T21:00:00Z", fires: nil,
                missed: ("2026-03-01T22:00:00Z", "2026-03-04T21:00:00.001Z"), next: "2026-03-04T22:00:00Z"),
            // The last one that there will ever be.
            Case(
                "cron(0 22 31 12 ? 2026)", due: "2026-12-31T22:00:00Z", now: "2026-12-31T22:00:01Z", fires: "2026-12-31T22:00:00Z",
                next: nil),
        ])
    func decides(_ row: Case) throws {
        let decision = TickDecision(
            try ScheduleExpression(parsing: row.expression, dialect: .rule), anchor: try instant(Self.anchor),
            due: try instant(row.due), now: try instant(row.now))
        #expect(decision.fires == (try row.fires.map(instant)))
        #expect(decision.missed?.from == (try row.missed.map { try instant($0.from) }))
        #expect(decision.missed?.until == (try row.missed.map { try instant($0.until) }))
        #expect(decision.next == (try row.next.map(instant)))
    }

    @Test("Whatever the delay, the next tick is the first one after now, and a tick that fires is none of those missed")
    func invariants() throws {
        let random = SeededRandomSource(seed: 20)
        let anchor = try instant(Self.anchor)
        for text in ["rate(1 minute)", "rate(7 minutes)", "rate(5 days)", "cron(0/15 8-17 ? * MON-FRI *)", "cron(59 23 L * ? *)"] {
            let expression = try ScheduleExpression(parsing: text, dialect: .rule)
            for _ in 0..<500 {
                let start = anchor + .milliseconds(Int64(random.number(below: 40_000_000_000)))
                guard let due = expression.next(after: start, anchor: anchor) else { continue }
                let now = due + .milliseconds(Int64(random.number(below: 1 << random.number(below: 32))))
                let decision = TickDecision(expression, anchor: anchor, due: due, now: now)
                #expect(decision.next == expression.next(after: now, anchor: anchor))
                #expect(decision.fires != nil || decision.missed != nil)
                if let fires = decision.fires {
                    #expect(fires >= due && fires <= now && now - fires <= TickDecision.grace)
                    #expect((decision.missed?.until ?? fires) == fires)
                }
            }
        }
    }

    private func instant(_ text: String) throws -> Timestamp {
        try #require(Timestamp(rfc3339: text))
    }
}
