import TimeSource

/// Parameters: creating, changing and deleting them. `ParameterStore+Reading.swift` finds and lists them.
///
/// Their tags are in `TagStore`; deleting them along is the caller's part.
package enum ParameterStore {
    /// Creates a parameter with its first version. A conflict when the name is taken.
    package static func create(_ version: ParameterVersion) -> [Statement] {
        [
            Statement(
                "INSERT INTO parameter (account, name, parent, version) VALUES (?, ?, ?, ?)",
                [.text(version.account), .text(version.name), .text(parent(of: version.name)), .integer(version.number)]),
            insert(version),
        ]
    }

    /// Makes a new version the current one; its number is one more than the current one's. A conflict when somebody was faster or
    /// the parameter was deleted.
    package static func update(to version: ParameterVersion) -> [Statement] {
        [
            Statement(
                "UPDATE parameter SET version = ? WHERE account = ? AND name = ? AND version = ?",
                [.integer(version.number), .text(version.account), .text(version.name), .integer(version.number - 1)],
                expecting: .changes(1)),
            insert(version),
        ]
    }

    /// Drops a version that has no label. A conflict when it has one or is gone.
    package static func dropVersion(_ number: Int64, of name: String, account: String) -> Statement {
        Statement(
            """
            DELETE FROM parameter_version WHERE account = ? AND name = ? AND version = ? AND NOT EXISTS (
                SELECT 1 FROM parameter_label l
                WHERE l.account = parameter_version.account AND l.name = parameter_version.name
                    AND l.version = parameter_version.version)
            """, [.text(account), .text(name), .integer(number)], expecting: .changes(1))
    }

    /// Deletes a parameter with its versions and labels. A conflict when there is none.
    package static func delete(_ name: String, account: String) -> [Statement] {
        let key: [SQLValue] = [.text(account), .text(name)]
        return [
            Statement("DELETE FROM parameter WHERE account = ? AND name = ?", key, expecting: .changes(1)),
            Statement("DELETE FROM parameter_version WHERE account = ? AND name = ?", key),
            Statement("DELETE FROM parameter_label WHERE account = ? AND name = ?", key),
        ]
    }

    /// Attaches a label to a version, moving it from another one. A conflict when there is no such version.
    package static func attach(_ label: String, to number: Int64, of name: String, account: String) -> Statement {
        Statement(
            """
            INSERT INTO parameter_label (account, name, label, version)
            SELECT account, name, ?, version FROM parameter_version WHERE account = ? AND name = ? AND version = ?
            ON CONFLICT (account, name, label) DO UPDATE SET version = excluded.version
            """, [.text(label), .text(account), .text(name), .integer(number)], expecting: .changes(1))
    }

    /// Takes a label off a version; no error when it is elsewhere or nowhere.
    package static func detach(_ label: String, from number: Int64, of name: String, account: String) -> Statement {
        Statement(
            "DELETE FROM parameter_label WHERE account = ? AND name = ? AND label = ? AND version = ?",
            [.text(account), .text(name), .text(label), .integer(number)])
    }

    /// The level of the hierarchy that a name lies in: `/prod/db` for `/prod/db/password`, `/` for names at the top, with a slash
    /// or without.
    package static func parent(of name: String) -> String {
        guard let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")), slash > name.startIndex else { return "/" }
        return String(name[..<slash])
    }

    private static func insert(_ version: ParameterVersion) -> Statement {
        Statement(
            """
            INSERT INTO parameter_version (
                account, name, version, type, tier, data_type, value, key_id, description, allowed_pattern, modified_at, modified_by)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(version.account), .text(version.name), .integer(version.number), .text(version.type), .text(version.tier),
                .text(version.dataType), .blob(version.value), .text(version.keyID),
                .blob(version.description.map { Array($0.utf8) }), .blob(version.allowedPattern.map { Array($0.utf8) }),
                .integer(version.modifiedAt.milliseconds), .text(version.modifiedBy),
            ])
    }
}
