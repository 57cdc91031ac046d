extension Migration {
    /// The starts of asynchronous Express executions that are not over.
    ///
    /// A row is inserted at the end and deleted near it: the table stays as short as the list of what runs.
    static let v0008CreateExpressStarts = Migration(
        version: 8, name: "create-express-starts",
        statements: [
            """
            CREATE TABLE express_start (
                id BIGINT PRIMARY KEY,
                machine BIGINT NOT NULL,
                revision BIGINT NOT NULL,
                name TEXT NOT NULL,
                input {blob} NOT NULL,
                started_at BIGINT NOT NULL
            ) {clustered}
            """
        ])
}
