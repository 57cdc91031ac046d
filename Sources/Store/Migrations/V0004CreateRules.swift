extension Migration {
    /// Rules of event buses, their targets, and when schedules are due (core rule 3).
    ///
    /// `schedule_due` has one row for each rule that will fire again; `tick` one for each time that it did or should have.
    static let v0004CreateRules = Migration(
        version: 4, name: "create-rules",
        statements: [
            """
            CREATE TABLE rule (
                account TEXT NOT NULL,
                bus TEXT NOT NULL,
                name TEXT NOT NULL,
                id TEXT NOT NULL UNIQUE,
                revision BIGINT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS')),
                schedule_expression TEXT,
                event_pattern {blob},
                description TEXT,
                role_arn TEXT,
                anchor_at BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (account, bus, name),
                CHECK (schedule_expression IS NOT NULL OR event_pattern IS NOT NULL)
            )
            """,
            """
            CREATE TABLE rule_target (
                rule TEXT NOT NULL,
                id TEXT NOT NULL,
                arn TEXT NOT NULL,
                settings {blob} NOT NULL,
                PRIMARY KEY (rule, id)
            ) {clustered}
            """,
            "CREATE INDEX rule_target_by_arn ON rule_target (arn, rule)",
            """
            CREATE TABLE schedule_due (
                next_at BIGINT NOT NULL,
                id TEXT NOT NULL UNIQUE,
                PRIMARY KEY (next_at, id)
            ) {clustered}
            """,
            """
            CREATE TABLE tick (
                schedule TEXT NOT NULL,
                due BIGINT NOT NULL,
                outcome TEXT NOT NULL CHECK (outcome IN ('fired', 'missed')),
                missed_until BIGINT,
                recorded_at BIGINT NOT NULL,
                PRIMARY KEY (schedule, due),
                CHECK ((missed_until IS NOT NULL) = (outcome = 'missed'))
            ) {clustered}
            """,
        ])
}
