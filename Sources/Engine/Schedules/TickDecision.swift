package import ScheduleExpressions
package import TimeSource

/// What becomes of a schedule that is due: which tick fires, which are missed, and when the next one is due.
///
/// The misfire policy: of the ticks that are due, the last fires when it is at most `grace` late; all others are missed. So a schedule
/// whose server was away fires at most once when it is back, and what is long past is never caught up on.
package struct TickDecision: Sendable, Hashable {
    /// Ticks that came too late: all those due from an instant until before another.
    package struct Missed: Sendable, Hashable {
        /// When the first of them was due.
        package let from: Timestamp
        /// An instant after the last of them.
        package let until: Timestamp
    }

    /// How late a tick may still fire (core rule 5).
    package static let grace = Duration.seconds(60)

    /// The ticks that were missed, nil when there are none.
    package var missed: Missed?
    /// When the tick that fires now was due, nil when none fires.
    package var fires: Timestamp?
    /// When the schedule is due next, nil when it never is again.
    package let next: Timestamp?

    /// Decides about a schedule.
    /// - Parameters:
    ///   - anchor: what a rate counts from.
    ///   - due: the tick that the schedule waited for; it must not lie after `now`.
    package init(_ expression: ScheduleExpression, anchor: Timestamp, due: Timestamp, now: Timestamp) {
        let earliest = now - TickDecision.grace
        var latest: Timestamp?
        var candidate = due >= earliest ? due : expression.next(after: earliest - .milliseconds(1), anchor: anchor)
        // Ticks are a minute or more apart, so two fit into the time of grace at most.
        while let tick = candidate, tick <= now {
            latest = tick
            candidate = expression.next(after: tick, anchor: anchor)
        }
        fires = latest
        next = candidate
        missed = latest == due ? nil : Missed(from: due, until: latest ?? now + .milliseconds(1))
    }
}
