import TimeSource

extension DocumentStore {
    private static let columns = """
        v.account, v.name, v.version, v.version_name, v.display_name, v.target_type, v.document_type, v.schema_version,
        v.platform_types, v.description, v.format, v.hash, v.created_at
        """

    /// A document; nil when there is none of that name.
    package static func find(
        _ name: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> DocumentRecord? {
        guard
            let row = try transaction.row(
                "SELECT default_version, latest_version, last_version, revision FROM document WHERE account = ? AND name = ?",
                [.text(account), .text(name)])
        else { return nil }
        return DocumentRecord(
            account: account, name: name, defaultVersion: try row.integer(0), latestVersion: try row.integer(1),
            lastVersion: try row.integer(2), revision: try row.integer(3))
    }

    /// A version by its number; nil when it is not there.
    package static func version(
        _ number: Int64, of document: DocumentRecord, in transaction: any ReadTransaction
    ) throws(StoreError) -> DocumentVersionRecord? {
        try transaction.row(
            "SELECT \(columns) FROM document_version v WHERE v.account = ? AND v.name = ? AND v.version = ?",
            [.text(document.account), .text(document.name), .integer(number)]
        ).map(record)
    }

    /// A version by its name; nil when none has it.
    package static func version(
        named versionName: String, of document: DocumentRecord, in transaction: any ReadTransaction
    ) throws(StoreError) -> DocumentVersionRecord? {
        try transaction.row(
            "SELECT \(columns) FROM document_version v WHERE v.account = ? AND v.name = ? AND v.version_name = ?",
            [.text(document.account), .text(document.name), .text(versionName)]
        ).map(record)
    }

    /// The content of a version; nil when the version is not there.
    package static func content(
        of version: DocumentVersionRecord, in transaction: any ReadTransaction
    ) throws(StoreError) -> [UInt8]? {
        try transaction.row(
            "SELECT content FROM document_version WHERE account = ? AND name = ? AND version = ?",
            [.text(version.account), .text(version.name), .integer(version.number)])?.blob(0)
    }

    /// Versions after a number, the oldest first.
    package static func versions(
        of document: DocumentRecord, after number: Int64, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [DocumentVersionRecord] {
        try transaction.rows(
            """
            SELECT \(columns) FROM document_version v
            WHERE v.account = ? AND v.name = ? AND v.version > ? ORDER BY v.version LIMIT ?
            """, [.text(document.account), .text(document.name), .integer(number), .integer(limit)]
        ).map(record)
    }

    /// The number of the newest version below a number; nil when there is none.
    package static func newest(
        of document: DocumentRecord, below number: Int64, in transaction: any ReadTransaction
    ) throws(StoreError) -> Int64? {
        try transaction.row(
            "SELECT version FROM document_version WHERE account = ? AND name = ? AND version < ? ORDER BY version DESC LIMIT 1",
            [.text(document.account), .text(document.name), .integer(number)])?.integer(0)
    }

    /// How many versions there are, and whether one of them has this hash.
    package static func census(
        of document: DocumentRecord, hash: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> (count: Int64, hasHash: Bool) {
        let row = try transaction.row(
            """
            SELECT COUNT(*), COUNT(CASE WHEN hash = ? THEN 1 END) FROM document_version WHERE account = ? AND name = ?
            """, [.text(hash), .text(document.account), .text(document.name)])
        return (try row?.integer(0) ?? 0, try row?.integer(1) ?? 0 > 0)
    }

    /// The default versions of an account's documents, ordered by name, those after `name`.
    package static func list(
        account: String, after name: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [DocumentVersionRecord] {
        try transaction.rows(
            """
            SELECT \(columns) FROM document d
            JOIN document_version v ON v.account = d.account AND v.name = d.name AND v.version = d.default_version
            WHERE d.account = ? AND d.name > ? ORDER BY d.name LIMIT ?
            """, [.text(account), .text(name), .integer(limit)]
        ).map(record)
    }

    /// The accounts that a document is shared with, ordered, and in which version (`All`, a number, `$DEFAULT`, `$LATEST`).
    package static func shares(
        of document: DocumentRecord, in transaction: any ReadTransaction
    ) throws(StoreError) -> [(account: String, version: String)] {
        try transaction.rows(
            "SELECT shared_with, version FROM document_share WHERE account = ? AND name = ? ORDER BY shared_with",
            [.text(document.account), .text(document.name)]
        ).map { row throws(StoreError) in (try row.text(0), try row.text(1)) }
    }

    private static func record(_ row: Row) throws(StoreError) -> DocumentVersionRecord {
        DocumentVersionRecord(
            account: try row.text(0), name: try row.text(1), number: try row.integer(2), versionName: row.values[3].text,
            displayName: row.values[4].text, targetType: row.values[5].text, documentType: try row.text(6),
            schemaVersion: try row.text(7), platformTypes: try row.text(8).split(separator: ",").map(String.init),
            description: String(decoding: try row.blob(9), as: UTF8.self), format: try row.text(10), hash: try row.text(11),
            createdAt: Timestamp(milliseconds: try row.integer(12)))
    }
}
