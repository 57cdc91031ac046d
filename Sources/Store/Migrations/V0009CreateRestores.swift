extension Migration {
    /// Restores from backups, each a generation of the data. The last one without `released_at` keeps the server held.
    static let v0009CreateRestores = Migration(
        version: 9, name: "create-restores",
        statements: [
            """
            CREATE TABLE restore (
                generation BIGINT PRIMARY KEY CHECK (generation > 0),
                backup_taken_at BIGINT NOT NULL,
                restored_at BIGINT NOT NULL,
                released_at BIGINT,
                released_by TEXT,
                CHECK ((released_at IS NULL) = (released_by IS NULL))
            )
            """
        ])
}
