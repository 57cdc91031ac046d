import TimeSource

extension CommandStore {
    /// Where a command stands as a whole, for the event that tells of it.
    package enum Milestone: Sendable, Hashable {
        /// Its first invocation was given the go or has ended, and others have not.
        case begun
        /// Not all of its invocations have ended.
        case underWay
        /// All of its invocations have ended.
        case ended

        fileprivate var condition: String {
            switch self {
            case .begun: "p.started + p.completed = 1 AND p.completed < c.target_count"
            case .underWay: "p.completed < c.target_count"
            case .ended: "p.completed = c.target_count"
            }
        }
    }

    /// Adds a delivery when the command stands there after the statements before this one. Invocations change side by side, so only
    /// the database knows which of them was the last.
    package static func add(_ delivery: DeliveryRecord, when milestone: Milestone, of number: Int64) -> Statement {
        Statement(
            """
            INSERT INTO delivery (id, account, kind, state, attempts, created_at, body) SELECT ?, ?, ?, 'pending', 0, ?, ?
            FROM command c JOIN command_progress p ON p.command = c.number WHERE c.number = ? AND \(milestone.condition)
            """,
            [
                .text(delivery.id), .text(delivery.account), .text(delivery.kind), .integer(delivery.createdAt.milliseconds),
                .blob(delivery.body), .integer(number),
            ])
    }
}
