import TimeSource

extension ParameterStore {
    /// Which names a listing visits.
    package enum Scope: Sendable, Hashable {
        /// All of the account.
        case everything
        /// Those below a level of the hierarchy, however deep: the level without its last slash, empty for the top.
        case under(String)
        /// Those right in a level: `/prod/db`, or `/`.
        case directlyIn(String)
    }

    private static let columns = """
        v.account, v.name, v.version, v.type, v.tier, v.data_type, v.value, v.key_id, v.description, v.allowed_pattern,
        v.modified_at, v.modified_by
        """

    private static let current = """
        SELECT \(columns) FROM parameter p
        JOIN parameter_version v ON v.account = p.account AND v.name = p.name AND v.version = p.version
        """

    /// The current version of a parameter, nil when there is none of that name.
    package static func find(
        _ name: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> ParameterVersion? {
        try records(transaction.rows("\(current) WHERE p.account = ? AND p.name = ?", [.text(account), .text(name)])).first
    }

    /// A certain version, nil when it is not kept.
    package static func find(
        _ name: String, version: Int64, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> ParameterVersion? {
        try records(
            transaction.rows(
                "SELECT \(columns) FROM parameter_version v WHERE v.account = ? AND v.name = ? AND v.version = ?",
                [.text(account), .text(name), .integer(version)])
        ).first
    }

    /// The version that a label is attached to, nil when the label is not in use.
    package static func find(
        _ name: String, label: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> ParameterVersion? {
        try records(
            transaction.rows(
                """
                SELECT \(columns) FROM parameter_label l
                JOIN parameter_version v ON v.account = l.account AND v.name = l.name AND v.version = l.version
                WHERE l.account = ? AND l.name = ? AND l.label = ?
                """, [.text(account), .text(name), .text(label)])
        ).first
    }

    /// The number of the oldest version that is kept, nil when there is no such parameter.
    package static func oldestVersion(
        of name: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> Int64? {
        try transaction.row(
            "SELECT version FROM parameter_version WHERE account = ? AND name = ? ORDER BY version LIMIT 1",
            [.text(account), .text(name)])?.integer(0)
    }

    /// The versions after a number, the oldest first.
    package static func versions(
        of name: String, account: String, after number: Int64, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [ParameterVersion] {
        try records(
            transaction.rows(
                """
                SELECT \(columns) FROM parameter_version v
                WHERE v.account = ? AND v.name = ? AND v.version > ? ORDER BY v.version LIMIT ?
                """, [.text(account), .text(name), .integer(number), .integer(limit)]))
    }

    /// The labels of a parameter's versions, ordered by their text.
    package static func labels(
        of name: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> [ParameterLabel] {
        var labels: [ParameterLabel] = []
        for row in try transaction.rows(
            "SELECT label, version FROM parameter_label WHERE account = ? AND name = ? ORDER BY label",
            [.text(account), .text(name)])
        {
            labels.append(ParameterLabel(label: try row.text(0), version: try row.integer(1)))
        }
        return labels
    }

    /// The current versions of the parameters in a scope, ordered by name, those after `name`.
    package static func list(
        _ scope: Scope, account: String, after name: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [ParameterVersion] {
        let rows =
            switch scope {
            case .everything, .under(""):
                try transaction.rows(
                    "\(current) WHERE p.account = ? AND p.name > ? ORDER BY p.name LIMIT ?",
                    [.text(account), .text(name), .integer(limit)])
            case .under(let level):
                // '0' is the character after '/'.
                try transaction.rows(
                    "\(current) WHERE p.account = ? AND p.name > ? AND p.name < ? ORDER BY p.name LIMIT ?",
                    [.text(account), .text(max(name, level + "/")), .text(level + "0"), .integer(limit)])
            case .directlyIn(let level):
                try transaction.rows(
                    "\(current) WHERE p.account = ? AND p.parent = ? AND p.name > ? ORDER BY p.name LIMIT ?",
                    [.text(account), .text(level), .text(name), .integer(limit)])
            }
        return try records(rows)
    }

    private static func records(_ rows: [Row]) throws(StoreError) -> [ParameterVersion] {
        var records: [ParameterVersion] = []
        records.reserveCapacity(rows.count)
        for row in rows {
            records.append(
                ParameterVersion(
                    account: try row.text(0), name: try row.text(1), number: try row.integer(2), type: try row.text(3),
                    tier: try row.text(4), dataType: try row.text(5), value: try row.blob(6), keyID: row.values[7].text,
                    description: row.values[8].blob.map { String(decoding: $0, as: UTF8.self) },
                    allowedPattern: row.values[9].blob.map { String(decoding: $0, as: UTF8.self) },
                    modifiedAt: Timestamp(milliseconds: try row.integer(10)), modifiedBy: try row.text(11)))
        }
        return records
    }
}
