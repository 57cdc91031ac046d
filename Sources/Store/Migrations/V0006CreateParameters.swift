extension Migration {
    /// Parameters, their versions, and the labels of versions.
    ///
    /// `parameter` is narrow: listings walk it by name, or by `parent` for one level of a hierarchy. Values are blobs, sealed for a
    /// SecureString; a version is never changed.
    static let v0006CreateParameters = Migration(
        version: 6, name: "create-parameters",
        statements: [
            """
            CREATE TABLE parameter (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                parent TEXT NOT NULL,
                version BIGINT NOT NULL CHECK (version > 0),
                PRIMARY KEY (account, name)
            ) {clustered}
            """,
            "CREATE INDEX parameter_by_parent ON parameter (account, parent, name)",
            """
            CREATE TABLE parameter_version (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                version BIGINT NOT NULL CHECK (version > 0),
                type TEXT NOT NULL CHECK (type IN ('String', 'StringList', 'SecureString')),
                tier TEXT NOT NULL CHECK (tier IN ('Standard', 'Advanced')),
                data_type TEXT NOT NULL,
                value {blob} NOT NULL,
                key_id TEXT,
                description {blob},
                allowed_pattern {blob},
                modified_at BIGINT NOT NULL,
                modified_by TEXT NOT NULL,
                PRIMARY KEY (account, name, version)
            )
            """,
            """
            CREATE TABLE parameter_label (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                label TEXT NOT NULL,
                version BIGINT NOT NULL,
                PRIMARY KEY (account, name, label)
            ) {clustered}
            """,
        ])
}
