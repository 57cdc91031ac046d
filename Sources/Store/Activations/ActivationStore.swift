package import TimeSource

/// Activations. Their tags are in `TagStore` under the activation's id.
package enum ActivationStore {
    private static let columns = """
        id, account, code_hash, description, default_name, role, registration_limit, registrations, expires_at, created_at
        FROM activation
        """

    /// Adds an activation.
    package static func create(_ record: ActivationRecord) -> Statement {
        Statement(
            """
            INSERT INTO activation (id, account, code_hash, description, default_name, role, registration_limit, registrations,
                expires_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
            """,
            [
                .text(record.id), .text(record.account), .blob(record.codeHash), .text(record.description),
                .text(record.defaultName), .text(record.role), .integer(record.registrationLimit),
                .integer(record.expiresAt.milliseconds), .integer(record.createdAt.milliseconds),
            ])
    }

    /// Counts one registration. A conflict when the activation is gone, used up or expired at that instant.
    package static func countRegistration(_ id: String, at now: Timestamp) -> Statement {
        Statement(
            """
            UPDATE activation SET registrations = registrations + 1
            WHERE id = ? AND registrations < registration_limit AND expires_at > ?
            """, [.text(id), .integer(now.milliseconds)], expecting: .changes(1))
    }

    /// Deletes an activation; a conflict when there is none. Nodes that enrolled by it stay.
    package static func delete(_ id: String, account: String) -> Statement {
        Statement("DELETE FROM activation WHERE id = ? AND account = ?", [.text(id), .text(account)], expecting: .changes(1))
    }

    /// The activation of an id, nil when there is none.
    package static func find(_ id: String, in transaction: any ReadTransaction) throws(StoreError) -> ActivationRecord? {
        guard let row = try transaction.row("SELECT \(columns) WHERE id = ?", [.text(id)]) else { return nil }
        return try record(row)
    }

    /// An account's activations ordered by id, those after `id`.
    package static func list(
        account: String, after id: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [ActivationRecord] {
        var records: [ActivationRecord] = []
        for row in try transaction.rows(
            "SELECT \(columns) WHERE account = ? AND id > ? ORDER BY id LIMIT ?",
            [.text(account), .text(id), .integer(limit)])
        {
            records.append(try record(row))
        }
        return records
    }

    private static func record(_ row: Row) throws(StoreError) -> ActivationRecord {
        ActivationRecord(
            id: try row.text(0), account: try row.text(1), codeHash: try row.blob(2), description: row.values[3].text,
            defaultName: row.values[4].text, role: try row.text(5), registrationLimit: Int(try row.integer(6)),
            registrations: Int(try row.integer(7)), expiresAt: Timestamp(milliseconds: try row.integer(8)),
            createdAt: Timestamp(milliseconds: try row.integer(9)))
    }
}
