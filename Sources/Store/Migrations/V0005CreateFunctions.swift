extension Migration {
    /// Functions, their versions and their resource policies.
    static let v0005CreateFunctions = Migration(
        version: 5, name: "create-functions",
        statements: [
            """
            CREATE TABLE function (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                revision_id TEXT NOT NULL,
                last_version BIGINT NOT NULL CHECK (last_version >= 0),
                reserved_concurrency BIGINT CHECK (reserved_concurrency >= 0),
                created_at BIGINT NOT NULL,
                PRIMARY KEY (account, name)
            )
            """,
            // Version 0 is $LATEST.
            """
            CREATE TABLE function_version (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                version BIGINT NOT NULL CHECK (version >= 0),
                revision_id TEXT NOT NULL,
                runtime TEXT NOT NULL,
                role_arn TEXT NOT NULL,
                handler TEXT NOT NULL,
                description TEXT NOT NULL,
                timeout BIGINT NOT NULL CHECK (timeout > 0),
                memory_size BIGINT NOT NULL CHECK (memory_size > 0),
                environment {blob},
                code_sha256 {blob} NOT NULL,
                code_size BIGINT NOT NULL,
                settings {blob} NOT NULL,
                updated_at BIGINT NOT NULL,
                PRIMARY KEY (account, name, version)
            )
            """,
            """
            CREATE TABLE function_policy (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                qualifier TEXT NOT NULL,
                revision_id TEXT NOT NULL,
                policy {blob} NOT NULL,
                PRIMARY KEY (account, name, qualifier)
            )
            """,
        ])
}
