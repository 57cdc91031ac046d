extension Migration {
    /// Documents of Systems Manager with their versions, and with whom they are shared.
    static let v0020CreateDocuments = Migration(
        version: 20, name: "create-documents",
        statements: [
            // `latest_version` is there, `last_version` was the last one given: numbers do not come back. `revision` counts changes.
            """
            CREATE TABLE document (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                default_version BIGINT NOT NULL CHECK (default_version > 0),
                latest_version BIGINT NOT NULL CHECK (latest_version > 0),
                last_version BIGINT NOT NULL,
                revision BIGINT NOT NULL,
                PRIMARY KEY (account, name),
                CHECK (last_version >= latest_version AND latest_version >= default_version)
            )
            """,
            // `content` as it was sent; `hash` is its SHA-256; `platform_types` is a list with commas.
            """
            CREATE TABLE document_version (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                version BIGINT NOT NULL CHECK (version > 0),
                version_name TEXT,
                display_name TEXT,
                target_type TEXT,
                document_type TEXT NOT NULL,
                schema_version TEXT NOT NULL,
                platform_types TEXT NOT NULL,
                description {blob} NOT NULL,
                format TEXT NOT NULL CHECK (format IN ('JSON', 'YAML')),
                content {blob} NOT NULL,
                hash TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (account, name, version)
            )
            """,
            "CREATE UNIQUE INDEX document_version_by_name ON document_version (account, name, version_name)",
            // `shared_with` is an account or `all`.
            """
            CREATE TABLE document_share (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                shared_with TEXT NOT NULL,
                version TEXT NOT NULL,
                PRIMARY KEY (account, name, shared_with)
            )
            """,
        ])
}
