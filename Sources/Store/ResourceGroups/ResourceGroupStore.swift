import TimeSource

/// Resource groups. Their own tags are in `TagStore` under their ARN.
package enum ResourceGroupStore {
    private static let columns = "account, name, facts, query, created_at FROM resource_group"

    /// Adds a group. A conflict when its name is taken.
    package static func create(_ record: ResourceGroupRecord) -> Statement {
        Statement(
            "INSERT INTO resource_group (account, name, facts, query, created_at) VALUES (?, ?, ?, ?, ?)",
            [
                .text(record.account), .text(record.name), .blob(record.facts), .blob(record.query),
                .integer(record.createdAt.milliseconds),
            ])
    }

    /// Replaces what is shown of a group. A conflict when there is none.
    package static func setFacts(_ facts: [UInt8], of name: String, account: String) -> Statement {
        Statement(
            "UPDATE resource_group SET facts = ? WHERE account = ? AND name = ?", [.blob(facts), .text(account), .text(name)],
            expecting: .changes(1))
    }

    /// Replaces a group's query. A conflict when there is none.
    package static func setQuery(_ query: [UInt8], of name: String, account: String) -> Statement {
        Statement(
            "UPDATE resource_group SET query = ? WHERE account = ? AND name = ?", [.blob(query), .text(account), .text(name)],
            expecting: .changes(1))
    }

    /// Deletes a group. A conflict when there is none.
    package static func delete(_ name: String, account: String) -> Statement {
        Statement(
            "DELETE FROM resource_group WHERE account = ? AND name = ?", [.text(account), .text(name)], expecting: .changes(1))
    }

    /// The group of a name; nil when there is none.
    package static func find(
        _ name: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> ResourceGroupRecord? {
        let row = try transaction.row("SELECT \(columns) WHERE account = ? AND name = ?", [.text(account), .text(name)])
        guard let row else { return nil }
        return try record(row)
    }

    /// An account's groups ordered by name, those after `name`.
    package static func list(
        account: String, after name: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [ResourceGroupRecord] {
        var records: [ResourceGroupRecord] = []
        for row in try transaction.rows(
            "SELECT \(columns) WHERE account = ? AND name > ? ORDER BY name LIMIT ?",
            [.text(account), .text(name), .integer(limit)])
        {
            records.append(try record(row))
        }
        return records
    }

    private static func record(_ row: Row) throws(StoreError) -> ResourceGroupRecord {
        ResourceGroupRecord(
            account: try row.text(0), name: try row.text(1), facts: try row.blob(2), query: try row.blob(3),
            createdAt: Timestamp(milliseconds: try row.integer(4)))
    }
}
