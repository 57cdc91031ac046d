package import TimeSource

/// Managed nodes. Their tags are in `TagStore` under the node's id.
package enum ManagedNodeStore {
    private static let columns = """
        id, account, activation, public_key, name, role, facts, told_tags, incarnation, last_ping_at, registered_at, state,
        maintenance_at, run_as, platform_type, agent_version
        FROM managed_node
        """

    /// Adds a node. A conflict when its key is known.
    package static func create(_ record: ManagedNodeRecord) -> Statement {
        Statement(
            """
            INSERT INTO managed_node (id, account, activation, public_key, name, role, facts, told_tags, incarnation,
                last_ping_at, registered_at, platform_type, agent_version, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'Active')
            """,
            [
                .text(record.id), .text(record.account), .text(record.activation), .blob(record.publicKey), .text(record.name),
                .text(record.role), .blob(record.facts), .blob(record.toldTags), .integer(record.incarnation),
                .integer(record.lastPingAt.milliseconds), .integer(record.registeredAt.milliseconds),
                .text(record.platformType), .text(record.agentVersion),
            ])
    }

    /// Notes a session. A conflict when a higher incarnation was seen or the node is not active any more.
    /// - Parameters:
    ///   - facts: what the host says of itself, in the agent's own JSON.
    ///   - platformType: from the facts, for filters, as `agentVersion`.
    package static func beginSession(
        _ id: String, incarnation: Int64, facts: [UInt8], platformType: String, agentVersion: String, toldTags: [UInt8],
        at now: Timestamp
    ) -> Statement {
        Statement(
            """
            UPDATE managed_node
            SET incarnation = ?, facts = ?, platform_type = ?, agent_version = ?, told_tags = ?, last_ping_at = ?
            WHERE id = ? AND incarnation <= ? AND state = 'Active'
            """,
            [
                .integer(incarnation), .blob(facts), .text(platformType), .text(agentVersion), .blob(toldTags), .integer(now.milliseconds), .text(id),
                .integer(incarnation),
            ], expecting: .changes(1))
    }

    /// Notes that the node was heard of.
    package static func recordPing(_ id: String, at now: Timestamp) -> Statement {
        Statement(
            "UPDATE managed_node SET last_ping_at = ? WHERE id = ? AND last_ping_at < ?",
            [.integer(now.milliseconds), .text(id), .integer(now.milliseconds)])
    }

    /// Takes a node out of service for good. A conflict when it is not active.
    package static func deregister(_ id: String, account: String) -> Statement {
        Statement(
            "UPDATE managed_node SET state = 'Deregistered' WHERE id = ? AND account = ? AND state = 'Active'",
            [.text(id), .text(account)], expecting: .changes(1))
    }

    /// Changes the role. A conflict when the node is not active.
    package static func setRole(_ role: String, of id: String, account: String) -> Statement {
        Statement(
            "UPDATE managed_node SET role = ? WHERE id = ? AND account = ? AND state = 'Active'",
            [.text(role), .text(id), .text(account)], expecting: .changes(1))
    }

    /// Changes what operators set: the maintenance, and as whom jobs run. A conflict when the node is not active any more, or when
    /// somebody else has changed it since it was read.
    package static func setSettings(of node: ManagedNodeRecord, maintenanceAt: Timestamp?, runAs: [UInt8]?) -> Statement {
        Statement(
            """
            UPDATE managed_node SET maintenance_at = ?, run_as = ?
            WHERE id = ? AND state = 'Active' AND COALESCE(maintenance_at, -1) = ? AND COALESCE(run_as, ?) = ?
            """,
            [
                .integer(maintenanceAt?.milliseconds), .blob(runAs), .text(node.id),
                .integer(node.maintenanceAt?.milliseconds ?? -1), .blob([]), .blob(node.runAs ?? []),
            ], expecting: .changes(1))
    }

    /// The node of an id, deregistered ones too; nil when there is none.
    package static func find(_ id: String, in transaction: any ReadTransaction) throws(StoreError) -> ManagedNodeRecord? {
        guard let row = try transaction.row("SELECT \(columns) WHERE id = ?", [.text(id)]) else { return nil }
        return try record(row)
    }

    /// The node of a public key; nil when there is none.
    package static func find(
        publicKey: [UInt8], in transaction: any ReadTransaction
    ) throws(StoreError) -> ManagedNodeRecord? {
        guard let row = try transaction.row("SELECT \(columns) WHERE public_key = ?", [.blob(publicKey)]) else { return nil }
        return try record(row)
    }

    /// An account's active nodes ordered by id, those after `id`.
    package static func list(
        account: String, after id: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [ManagedNodeRecord] {
        try records(
            transaction.rows(
                "SELECT \(columns) WHERE account = ? AND state = 'Active' AND id > ? ORDER BY id LIMIT ?",
                [.text(account), .text(id), .integer(limit)]))
    }

    /// An account's active nodes that a search is after, ordered by id, those after `id`.
    package static func list(
        account: String, matching search: [NodeSearch], after id: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [ManagedNodeRecord] {
        let conditions = search.map(\.condition)
        return try records(
            transaction.rows(
                """
                SELECT \(columns) WHERE account = ? AND state = 'Active' AND id > ?\(conditions.map { " AND " + $0.sql }.joined())
                ORDER BY id LIMIT ?
                """,
                [.text(account), .text(id)] + conditions.flatMap(\.values) + [.integer(limit)]))
    }

    /// Whether a node carries one of the values under a tag key; with no values, whether it carries the key.
    package static func isTagged(
        _ record: ManagedNodeRecord, _ key: String, oneOf values: [String], in transaction: any ReadTransaction
    ) throws(StoreError) -> Bool {
        let row = try transaction.row(
            "SELECT tag_value FROM resource_tag WHERE account = ? AND resource = ? AND tag_key = ?",
            [.text(record.account), .text(record.id), .text(key)])
        guard let row else { return false }
        let value = try row.text(0)
        return values.isEmpty || values.contains { $0.utf8.elementsEqual(value.utf8) }
    }

    private static func records(_ rows: [Row]) throws(StoreError) -> [ManagedNodeRecord] {
        var records: [ManagedNodeRecord] = []
        for row in rows { records.append(try record(row)) }
        return records
    }

    private static func record(_ row: Row) throws(StoreError) -> ManagedNodeRecord {
        guard let state = ManagedNodeRecord.State(rawValue: try row.text(11)) else {
            throw .corrupted("managed_node has an unknown state")
        }
        return ManagedNodeRecord(
            id: try row.text(0), account: try row.text(1), activation: try row.text(2), publicKey: try row.blob(3),
            name: row.values[4].text, role: try row.text(5), facts: try row.blob(6), toldTags: try row.blob(7),
            incarnation: try row.integer(8), lastPingAt: Timestamp(milliseconds: try row.integer(9)),
            registeredAt: Timestamp(milliseconds: try row.integer(10)), state: state,
            maintenanceAt: row.values[12].integer.map(Timestamp.init(milliseconds:)), runAs: row.values[13].blob,
            platformType: try row.text(14), agentVersion: try row.text(15))
    }
}
