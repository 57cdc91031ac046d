extension Migration {
    /// The mappings from queues to functions, and what FIFO topics remember of the messages that they took.
    static let v0019CreateEventSourceMappings = Migration(
        version: 19, name: "create-event-source-mappings",
        statements: [
            // `source` and `function` are ARNs; `settings` is JSON.
            """
            CREATE TABLE event_source_mapping (
                account TEXT NOT NULL,
                id TEXT NOT NULL,
                source TEXT NOT NULL,
                function TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('enabled', 'disabled', 'deleting')),
                version BIGINT NOT NULL CHECK (version > 0),
                modified_at BIGINT NOT NULL,
                settings {blob} NOT NULL,
                PRIMARY KEY (account, id)
            )
            """,
            "CREATE UNIQUE INDEX event_source_mapping_by_pair ON event_source_mapping (account, source, function)",
            // Times are engine time. `dedupe_key` has the group before it where a group is a scope of its own.
            """
            CREATE TABLE topic_deduplication (
                topic TEXT NOT NULL,
                dedupe_key TEXT NOT NULL,
                message TEXT NOT NULL,
                sequence TEXT NOT NULL,
                expires_at BIGINT NOT NULL,
                PRIMARY KEY (topic, dedupe_key)
            ) {clustered}
            """,
            "CREATE INDEX topic_deduplication_expired ON topic_deduplication (expires_at)",
        ])
}
