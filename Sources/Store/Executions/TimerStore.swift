package import TimeSource

/// When an execution must be looked at again: its earliest due instant, on one of the two clocks. One row an execution.
package struct ExecutionTimer: Sendable, Hashable {
    /// Which clock the instant is of (core rule 5).
    package enum Clock: Int64, Sendable, Hashable {
        case engine = 0
        case wall = 1
    }

    /// The execution.
    package let execution: ExecutionID
    /// When.
    package let due: Timestamp
    /// By which clock.
    package let clock: Clock

    /// A timer of an execution.
    package init(execution: ExecutionID, due: Timestamp, clock: Clock) {
        self.execution = execution
        self.due = due
        self.clock = clock
    }
}

/// The due-time index in the database.
package enum TimerStore {
    /// Sets a timer; no error when it is set.
    package static func arm(_ timer: ExecutionTimer) -> Statement {
        Statement(
            "INSERT INTO timer (due, kind, owner) VALUES (?, ?, ?) ON CONFLICT (due, kind, owner) DO NOTHING",
            [.integer(timer.due.milliseconds), .integer(timer.clock.rawValue), .integer(timer.execution.value)])
    }

    /// Removes a timer; no error when it is gone.
    package static func disarm(_ timer: ExecutionTimer) -> Statement {
        Statement(
            "DELETE FROM timer WHERE due = ? AND kind = ? AND owner = ?",
            [.integer(timer.due.milliseconds), .integer(timer.clock.rawValue), .integer(timer.execution.value)])
    }

    /// Timers due before an instant, earliest first, at most `limit`, after `last`.
    package static func due(
        before horizon: Timestamp, after last: ExecutionTimer?, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [ExecutionTimer] {
        var timers: [ExecutionTimer] = []
        let rows = try transaction.rows(
            "SELECT due, kind, owner FROM timer WHERE (due, kind, owner) > (?, ?, ?) AND due < ? ORDER BY due, kind, owner LIMIT ?",
            [
                .integer(last?.due.milliseconds ?? -1), .integer(last?.clock.rawValue ?? 0),
                .integer(last?.execution.value ?? 0), .integer(horizon.milliseconds), .integer(limit),
            ])
        for row in rows {
            guard let clock = ExecutionTimer.Clock(rawValue: try row.integer(1)) else { throw .corrupted("unknown timer kind") }
            timers.append(
                ExecutionTimer(
                    execution: ExecutionID(value: try row.integer(2)), due: Timestamp(milliseconds: try row.integer(0)),
                    clock: clock))
        }
        return timers
    }
}
