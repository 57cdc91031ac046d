package import TimeSource

/// When schedules are due next, and the record of their ticks.
package enum ScheduleStore {
    /// A schedule and when it is due, by the wall clock: also a place in the order of due times.
    package struct Due: Sendable, Hashable {
        /// The due time.
        package let at: Timestamp
        /// The schedule: the own id of a rule.
        package let schedule: String

        /// A schedule that is due at an instant.
        package init(at: Timestamp, schedule: String) {
            self.at = at
            self.schedule = schedule
        }
    }

    /// How long ticks are remembered.
    package static let retention = Duration.seconds(31 * 86_400)

    /// Sets when a schedule is due next. A conflict when it already has a due time.
    package static func addDue(_ due: Due) -> Statement {
        Statement(
            "INSERT INTO schedule_due (next_at, id) VALUES (?, ?)", [.integer(due.at.milliseconds), .text(due.schedule)])
    }

    /// Takes a due time away. A conflict when the schedule is no longer due then: it was planned anew, or another tick was faster.
    package static func takeDue(_ due: Due) -> Statement {
        Statement(
            "DELETE FROM schedule_due WHERE next_at = ? AND id = ?", [.integer(due.at.milliseconds), .text(due.schedule)],
            expecting: .changes(1))
    }

    /// Removes a schedule's due time, when it has one.
    package static func removeDue(_ schedule: String) -> Statement {
        Statement("DELETE FROM schedule_due WHERE id = ?", [.text(schedule)])
    }

    /// Due times from the first on, in order, those after `position`.
    package static func due(
        after position: Due? = nil, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [Due] {
        let position = position ?? Due(at: Timestamp(milliseconds: .min), schedule: "")
        var due: [Due] = []
        for row in try transaction.rows(
            "SELECT next_at, id FROM schedule_due WHERE (next_at, id) > (?, ?) ORDER BY next_at, id LIMIT ?",
            [.integer(position.at.milliseconds), .text(position.schedule), .integer(limit)])
        {
            due.append(Due(at: Timestamp(milliseconds: try row.integer(0)), schedule: try row.text(1)))
        }
        return due
    }

    /// Records a tick. A conflict when it was recorded before.
    package static func record(_ tick: TickRecord) -> Statement {
        let (outcome, missedUntil): (String, Timestamp?) =
            switch tick.outcome {
            case .fired: ("fired", nil)
            case .missed(let until): ("missed", until)
            }
        return Statement(
            "INSERT INTO tick (schedule, due, outcome, missed_until, recorded_at) VALUES (?, ?, ?, ?, ?)",
            [
                .text(tick.schedule), .integer(tick.due.milliseconds), .text(outcome), .integer(missedUntil?.milliseconds),
                .integer(tick.recordedAt.milliseconds),
            ])
    }

    /// Forgets a schedule's ticks that were due before an instant.
    package static func forgetTicks(of schedule: String, before instant: Timestamp) -> Statement {
        Statement(
            "DELETE FROM tick WHERE schedule = ? AND due < ?", [.text(schedule), .integer(instant.milliseconds)])
    }

    /// Whether what became of a tick is recorded already.
    package static func isRecorded(
        schedule: String, due: Timestamp, in transaction: any ReadTransaction
    ) throws(StoreError) -> Bool {
        try transaction.row(
            "SELECT 1 FROM tick WHERE schedule = ? AND due = ?", [.text(schedule), .integer(due.milliseconds)]) != nil
    }

    /// A schedule's ticks that were due from an instant on, in order.
    package static func ticks(
        of schedule: String, from instant: Timestamp, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [TickRecord] {
        var ticks: [TickRecord] = []
        for row in try transaction.rows(
            "SELECT due, missed_until, recorded_at FROM tick WHERE schedule = ? AND due >= ? ORDER BY due LIMIT ?",
            [.text(schedule), .integer(instant.milliseconds), .integer(limit)])
        {
            let missedUntil = row.values[1].integer.map(Timestamp.init(milliseconds:))
            ticks.append(
                TickRecord(
                    schedule: schedule, due: Timestamp(milliseconds: try row.integer(0)),
                    outcome: missedUntil.map(TickRecord.Outcome.missed) ?? .fired,
                    recordedAt: Timestamp(milliseconds: try row.integer(2))))
        }
        return ticks
    }
}
