extension Migration {
    /// Archives of event buses with what they keep, replays, and API destinations.
    ///
    /// `archived_event` is ordered by the time of the events, which is the order of a replay; `sequence` grows with the time of
    /// archiving. What an archive holds is counted in a row of its own, which is narrow, as each archived event moves it. The events of
    /// a deleted archive are deleted in the background; until then its number stands in `archive_removal`.
    static let v0018CreateArchives = Migration(
        version: 18, name: "create-archives",
        statements: [
            """
            CREATE TABLE archive (
                id BIGINT PRIMARY KEY,
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                version BIGINT NOT NULL CHECK (version > 0),
                bus TEXT NOT NULL,
                description TEXT,
                event_pattern {blob},
                retention_days BIGINT NOT NULL,
                key_identifier TEXT,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE UNIQUE INDEX archive_by_name ON archive (account, name)",
            """
            CREATE TABLE archive_size (
                archive BIGINT PRIMARY KEY,
                events BIGINT NOT NULL,
                bytes BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE archived_event (
                archive BIGINT NOT NULL,
                time BIGINT NOT NULL,
                sequence BIGINT NOT NULL,
                body {blob} NOT NULL,
                PRIMARY KEY (archive, time, sequence)
            ) {clustered}
            """,
            "CREATE TABLE archive_removal (archive BIGINT PRIMARY KEY)",
            """
            CREATE TABLE replay (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                id TEXT NOT NULL,
                archive BIGINT NOT NULL,
                source_arn TEXT NOT NULL,
                destination_arn TEXT NOT NULL,
                filter_arns {blob} NOT NULL,
                description TEXT,
                state TEXT NOT NULL CHECK (state IN ('STARTING', 'RUNNING', 'CANCELLING', 'COMPLETED', 'CANCELLED', 'FAILED')),
                state_reason TEXT,
                event_start BIGINT NOT NULL,
                event_end BIGINT NOT NULL,
                cursor_time BIGINT,
                cursor_sequence BIGINT,
                started_at BIGINT NOT NULL,
                ended_at BIGINT,
                PRIMARY KEY (account, name),
                CHECK ((ended_at IS NULL) = (state IN ('STARTING', 'RUNNING', 'CANCELLING')))
            )
            """,
            "CREATE INDEX replay_unfinished ON replay (account, name) WHERE ended_at IS NULL",
            "CREATE INDEX replay_finished ON replay (ended_at) WHERE ended_at IS NOT NULL",
            """
            CREATE TABLE api_destination (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                id TEXT NOT NULL,
                version BIGINT NOT NULL CHECK (version > 0),
                description TEXT,
                connection_arn TEXT NOT NULL,
                endpoint TEXT NOT NULL,
                method TEXT NOT NULL,
                rate_limit BIGINT,
                created_at BIGINT NOT NULL,
                modified_at BIGINT NOT NULL,
                PRIMARY KEY (account, name)
            )
            """,
        ])
}
