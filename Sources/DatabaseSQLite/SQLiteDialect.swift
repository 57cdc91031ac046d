/// What SQLite says differently from the portable subset. The only such place for SQLite.
enum SQLiteDialect {
    /// Completes the schema's markers: `{clustered}` after a table keeps its rows in the order of the primary key,
    /// `{blob}` is the type of byte strings, `{bigserial}` a growing 64-bit key.
    static func schema(_ sql: String) -> String {
        replace(
            replace(replace(sql, "{clustered}", "WITHOUT ROWID"), "{blob}", "BLOB"),
            "{bigserial}", "INTEGER PRIMARY KEY AUTOINCREMENT")
    }

    private static func replace(_ text: String, _ marker: String, _ replacement: String) -> String {
        text.split(separator: marker, omittingEmptySubsequences: false).joined(separator: replacement)
    }
}
