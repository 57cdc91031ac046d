package import TimeSource

/// One time at which a schedule was due, and what became of it.
package struct TickRecord: Sendable, Hashable {
    /// What became of a tick.
    package enum Outcome: Sendable, Hashable {
        /// Its deliveries were made, in the transaction that recorded it.
        case fired
        /// It came too late. It stands for all ticks of its schedule that were due from then until before this instant.
        case missed(until: Timestamp)
    }

    /// The schedule: the own id of a rule.
    package let schedule: String
    /// When it was due, by the wall clock.
    package let due: Timestamp
    /// What became of it.
    package let outcome: Outcome
    /// When that was recorded, by the wall clock.
    package let recordedAt: Timestamp

    /// A tick of these facts.
    package init(schedule: String, due: Timestamp, outcome: Outcome, recordedAt: Timestamp) {
        self.schedule = schedule
        self.due = due
        self.outcome = outcome
        self.recordedAt = recordedAt
    }
}
