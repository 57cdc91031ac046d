package import TimeSource

/// When an execution must be looked at again: its earliest due instant on one of the two clocks. One row for each clock on which it
/// waits: which of two comes first is not known, as the wall clock may be set.
package struct ExecutionTimer: Sendable, Hashable {
    /// Which clock the instant is of (core rule 5).
    package enum Clock: Int64, Sendable, Hashable, CaseIterable {
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

    /// The timers of one clock that are due before an instant, earliest first, at most `limit`, after `last`.
    package static func due(
        by clock: ExecutionTimer.Clock, before horizon: Timestamp, after last: ExecutionTimer?, limit: Int,
        in transaction: any ReadTransaction
    ) throws(StoreError) -> [ExecutionTimer] {
        var timers: [ExecutionTimer] = []
        // `kind + 0`, so that the order is that of the key: by a fixed kind SQLite would sort what is due together.
        let rows = try transaction.rows(
            """
            SELECT due, owner FROM timer WHERE (due, kind, owner) > (?, ?, ?) AND due < ? AND kind + 0 = ?
            ORDER BY due, kind, owner LIMIT ?
            """,
            [
                .integer(last?.due.milliseconds ?? -1), .integer(clock.rawValue), .integer(last?.execution.value ?? -1),
                .integer(horizon.milliseconds), .integer(clock.rawValue), .integer(limit),
            ])
        timers.reserveCapacity(rows.count)
        for row in rows {
            timers.append(
                ExecutionTimer(
                    execution: ExecutionID(value: try row.integer(1)), due: Timestamp(milliseconds: try row.integer(0)),
                    clock: clock))
        }
        return timers
    }

    /// Every timer, in no order that matters: for tests and checks.
    package static func all(in transaction: any ReadTransaction) throws(StoreError) -> [ExecutionTimer] {
        var timers: [ExecutionTimer] = []
        for clock in ExecutionTimer.Clock.allCases {
            timers += try due(by: clock, before: Timestamp(milliseconds: .max), after: nil, limit: .max, in: transaction)
        }
        return timers
    }
}
