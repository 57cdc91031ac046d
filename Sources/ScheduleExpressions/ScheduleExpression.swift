package import TimeSource

/// When something is due: at a fixed rate, by a calendar pattern, or once.
///
/// The grammar and its checks are those of "Schedule expressions" in the EventBridge User Guide and "Schedule types" in the EventBridge
/// Scheduler User Guide.
package enum ScheduleExpression: Hashable, Sendable {
    /// `rate(5 minutes)`.
    case rate(RateExpression)
    /// `cron(0 22 * * ? *)`.
    case cron(CronExpression)
    /// `at(2026-11-20T22:00:00)`: once, in the schedule's time zone.
    case at(CivilDateTime)

    /// Where an expression is used, which decides on the forms it may take.
    package enum Dialect: Sendable {
        /// A rule of an event bus: `rate` and `cron`.
        case rule
        /// A schedule of EventBridge Scheduler: `rate`, `cron` and `at`.
        case schedule
    }

    /// Parses an expression.
    package init(parsing text: String, dialect: Dialect = .schedule) throws(ScheduleExpressionError) {
        guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else {
            throw ScheduleExpressionError("The expression is not of the form rate(…), cron(…) or at(…).")
        }
        let body = String(text[text.index(after: open)...].dropLast())
        switch (text[..<open], dialect) {
        case ("rate", _): self = .rate(try RateExpression(parsing: body))
        case ("cron", _): self = .cron(try CronExpression(parsing: body))
        case ("at", .schedule): self = .at(try Self.instant(body))
        case ("at", .rule): throw ScheduleExpressionError("A rule takes rate(…) or cron(…), not at(…).")
        default: throw ScheduleExpressionError("The expression starts with neither rate( nor cron( nor at(.")
        }
    }

    /// The first time strictly after `instant` at which the expression is due, or nil when there is none.
    ///
    /// - Parameters:
    ///   - anchor: where a rate counts from: a schedule's start date, else the time of its creation. It is due at the anchor itself.
    ///   - zone: where `cron` and `at` are read. A rate does not depend on it: a day of a rate has 24 hours.
    ///   - policy: what happens to local times that a change of the clock leaves out or repeats.
    package func next(
        after instant: Timestamp, anchor: Timestamp, in zone: TimeZoneRules = .utc,
        policy: DaylightSavingPolicy = .scheduler
    ) -> Timestamp? {
        switch self {
        case .rate(let rate):
            return rate.next(after: instant, anchor: anchor)
        case .cron(let cron):
            return cron.next(after: instant, in: zone, policy: policy)
        case .at(let local):
            let due = zone.instant(of: local)
            return due > instant ? due : nil
        }
    }

    /// `yyyy-mm-ddThh:mm:ss`.
    private static func instant(_ text: String) throws(ScheduleExpressionError) -> CivilDateTime {
        guard text.utf8.count == 19, let instant = Timestamp(rfc3339: text + "Z") else {
            throw ScheduleExpressionError("at(…) takes an existing day and time as yyyy-mm-ddThh:mm:ss.")
        }
        return CivilDateTime(instant)
    }
}
