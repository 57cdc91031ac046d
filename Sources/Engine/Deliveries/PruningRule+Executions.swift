import TimeSource

extension PruningRule {
    /// Executions with their histories, so long after their end; and their names, 90 days after it at least.
    package static func executions(retention: Duration) -> [PruningRule] {
        [
            PruningRule(name: "executions", interval: .seconds(3_600), delay: .zero) { database, clock in
                try await ExecutionPruner(database: database, clock: clock, retention: retention).pruneExecutions()
            },
            // Most names go with their executions: this is for those that outlived them. A walk over all names may wait.
            PruningRule(name: "execution names", interval: .seconds(86_400), delay: .seconds(6 * 3_600)) { database, clock in
                try await ExecutionPruner(database: database, clock: clock, retention: retention).pruneNames()
            },
        ]
    }
}
