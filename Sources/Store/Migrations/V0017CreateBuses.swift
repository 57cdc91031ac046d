extension Migration {
    /// Event buses of one's own, and what was set for the default one.
    ///
    /// The bus `default` is always there: it has a row only once its description, policy or other settings were changed.
    static let v0017CreateBuses = Migration(
        version: 17, name: "create-buses",
        statements: [
            """
            CREATE TABLE event_bus (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                description TEXT,
                policy {blob},
                settings {blob} NOT NULL,
                created_at BIGINT NOT NULL,
                modified_at BIGINT NOT NULL,
                PRIMARY KEY (account, name)
            ) {clustered}
            """
        ])
}
