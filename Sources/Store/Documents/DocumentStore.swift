import TimeSource

/// Documents: creating, changing, sharing and deleting them. `DocumentStore+Reading.swift` finds and lists them.
///
/// Their tags are in `TagStore`; deleting them along is the caller's part.
package enum DocumentStore {
    /// Creates a document with its first version. A conflict when the name is taken.
    package static func create(_ version: DocumentVersionRecord, content: [UInt8]) -> [Statement] {
        [
            Statement(
                """
                INSERT INTO document (account, name, default_version, latest_version, last_version, revision)
                VALUES (?, ?, ?, ?, ?, 0)
                """,
                [
                    .text(version.account), .text(version.name), .integer(version.number), .integer(version.number),
                    .integer(version.number),
                ]),
            insert(version, content),
        ]
    }

    /// Adds a version, which becomes the latest. A conflict when the document was changed since `document` was read, or the
    /// version's name is taken.
    package static func add(_ version: DocumentVersionRecord, content: [UInt8], to document: DocumentRecord) -> [Statement] {
        var changed = document
        changed.latestVersion = version.number
        changed.lastVersion = version.number
        return [update(document, to: changed), insert(version, content)]
    }

    /// Makes a version the default one. A conflict when the document was changed since it was read.
    package static func setDefault(_ number: Int64, of document: DocumentRecord) -> Statement {
        var changed = document
        changed.defaultVersion = number
        return update(document, to: changed)
    }

    /// Deletes a version; `latest` is the newest one that stays. A conflict when the document was changed since it was read.
    package static func delete(_ number: Int64, of document: DocumentRecord, latest: Int64) -> [Statement] {
        var changed = document
        changed.latestVersion = latest
        return [
            update(document, to: changed),
            Statement(
                "DELETE FROM document_version WHERE account = ? AND name = ? AND version = ?",
                [.text(document.account), .text(document.name), .integer(number)], expecting: .changes(1)),
        ]
    }

    /// Deletes a document with its versions and shares. A conflict when it was changed since it was read.
    package static func delete(_ document: DocumentRecord) -> [Statement] {
        let key: [SQLValue] = [.text(document.account), .text(document.name)]
        return [
            Statement(
                "DELETE FROM document WHERE account = ? AND name = ? AND revision = ?", key + [.integer(document.revision)],
                expecting: .changes(1)),
            Statement("DELETE FROM document_version WHERE account = ? AND name = ?", key),
            Statement("DELETE FROM document_share WHERE account = ? AND name = ?", key),
        ]
    }

    /// Changes with whom a document is shared. A conflict when it was changed since it was read.
    package static func share(
        _ document: DocumentRecord, version: String, with added: [String], notWith removed: [String]
    ) -> [Statement] {
        [update(document, to: document)]
            + removed.map { account in
                Statement(
                    "DELETE FROM document_share WHERE account = ? AND name = ? AND shared_with = ?",
                    [.text(document.account), .text(document.name), .text(account)])
            }
            + added.map { account in
                Statement(
                    """
                    INSERT INTO document_share (account, name, shared_with, version) VALUES (?, ?, ?, ?)
                    ON CONFLICT (account, name, shared_with) DO UPDATE SET version = excluded.version
                    """, [.text(document.account), .text(document.name), .text(account), .text(version)])
            }
    }

    private static func update(_ document: DocumentRecord, to changed: DocumentRecord) -> Statement {
        Statement(
            """
            UPDATE document SET default_version = ?, latest_version = ?, last_version = ?, revision = revision + 1
            WHERE account = ? AND name = ? AND revision = ?
            """,
            [
                .integer(changed.defaultVersion), .integer(changed.latestVersion), .integer(changed.lastVersion),
                .text(document.account), .text(document.name), .integer(document.revision),
            ], expecting: .changes(1))
    }

    private static func insert(_ version: DocumentVersionRecord, _ content: [UInt8]) -> Statement {
        Statement(
            """
            INSERT INTO document_version (
                account, name, version, version_name, display_name, target_type, document_type, schema_version, platform_types,
                description, format, content, hash, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(version.account), .text(version.name), .integer(version.number), .text(version.versionName),
                .text(version.displayName), .text(version.targetType), .text(version.documentType), .text(version.schemaVersion),
                .text(version.platformTypes.joined(separator: ",")), .blob(Array(version.description.utf8)), .text(version.format),
                .blob(content), .text(version.hash), .integer(version.createdAt.milliseconds),
            ])
    }
}
