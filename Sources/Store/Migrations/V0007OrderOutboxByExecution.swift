extension Migration {
    /// The outbox in the order of executions, so that one's entries are found by key; and what retention has yet to delete.
    ///
    /// The outbox holds only what is under way, so copying it is bounded by that.
    static let v0007OrderOutboxByExecution = Migration(
        version: 7, name: "order-outbox-by-execution",
        statements: [
            "ALTER TABLE outbox RENAME TO outbox_by_sequence",
            """
            CREATE TABLE outbox (
                shard BIGINT NOT NULL,
                execution BIGINT NOT NULL,
                effect BIGINT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('pending', 'started')),
                body {blob} NOT NULL,
                PRIMARY KEY (shard, execution, effect)
            ) {clustered}
            """,
            """
            INSERT INTO outbox (shard, execution, effect, state, body)
            SELECT shard, execution, effect, state, body FROM outbox_by_sequence
            """,
            "DROP TABLE outbox_by_sequence",
            "CREATE TABLE pruned_execution (execution BIGINT PRIMARY KEY)",
        ])
}
