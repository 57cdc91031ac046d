extension Migration {
    /// Topics and their subscriptions.
    static let v0002CreateTopics = Migration(
        version: 2, name: "create-topics",
        statements: [
            """
            CREATE TABLE topic (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                id TEXT NOT NULL,
                attributes {blob} NOT NULL,
                deleted_subscriptions BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (account, name)
            )
            """,
            """
            CREATE TABLE subscription (
                topic TEXT NOT NULL,
                id TEXT NOT NULL,
                account TEXT NOT NULL,
                topic_name TEXT NOT NULL,
                protocol TEXT NOT NULL,
                endpoint TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('pending', 'confirmed')),
                token TEXT,
                requested_at BIGINT NOT NULL,
                was_authenticated BIGINT NOT NULL CHECK (was_authenticated IN (0, 1)),
                requires_authentication BIGINT NOT NULL CHECK (requires_authentication IN (0, 1)),
                link_base TEXT NOT NULL,
                attributes {blob} NOT NULL,
                PRIMARY KEY (topic, id)
            ) {clustered}
            """,
            "CREATE UNIQUE INDEX subscription_by_endpoint ON subscription (topic, protocol, endpoint)",
            "CREATE UNIQUE INDEX subscription_by_account ON subscription (account, id)",
            "CREATE INDEX subscription_unconfirmed ON subscription (requested_at) WHERE state = 'pending'",
        ])
}
