import TimeSource

/// What is known of nodes. Reads show active nodes alone: rows of others are left over.
package enum InventoryStore {
    private static let columns = """
        i.account, i.node, i.type_name, i.schema_version, i.capture_time, i.content_hash, i.digest, i.content, i.changed_at
        FROM inventory_item i JOIN managed_node n ON n.id = i.node AND n.state = 'Active'
        """

    /// Stores an item in place of the node's former one of its type.
    package static func put(_ item: InventoryItem) -> Statement {
        Statement(
            """
            INSERT INTO inventory_item (account, node, type_name, schema_version, capture_time, content_hash, digest, content, changed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (account, node, type_name) DO UPDATE SET schema_version = excluded.schema_version,
                capture_time = excluded.capture_time, content_hash = excluded.content_hash, digest = excluded.digest,
                content = excluded.content, changed_at = excluded.changed_at
            """,
            [
                .text(item.account), .text(item.node), .text(item.typeName), .text(item.schemaVersion), .text(item.captureTime),
                .text(item.contentHash), .blob(item.digest), .blob(item.content), .integer(item.changedAt.milliseconds),
            ])
    }

    /// Notes that an unchanged item was collected again.
    package static func recordCapture(_ captureTime: String, contentHash: String?, of item: InventoryItem) -> Statement {
        Statement(
            "UPDATE inventory_item SET capture_time = ?, content_hash = ? WHERE account = ? AND node = ? AND type_name = ? AND digest = ?",
            [.text(captureTime), .text(contentHash), .text(item.account), .text(item.node), .text(item.typeName), .blob(item.digest)])
    }

    /// Deletes all that is known of a node.
    package static func removeAll(of node: String, account: String) -> Statement {
        Statement("DELETE FROM inventory_item WHERE account = ? AND node = ?", [.text(account), .text(node)])
    }

    /// Deletes the items of a type on all nodes.
    package static func removeAll(ofType typeName: String, account: String) -> Statement {
        Statement("DELETE FROM inventory_item WHERE account = ? AND type_name = ?", [.text(account), .text(typeName)])
    }

    /// A node's item of a type; nil when there is none.
    package static func find(
        _ typeName: String, of node: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> InventoryItem? {
        try items(
            transaction.rows(
                "SELECT \(columns) WHERE i.account = ? AND i.node = ? AND i.type_name = ?",
                [.text(account), .text(node), .text(typeName)])
        ).first
    }

    /// The items of a node, of these types or of all, ordered by type.
    package static func items(
        of node: String, account: String, types: Set<String>? = nil, in transaction: any ReadTransaction
    ) throws(StoreError) -> [InventoryItem] {
        let types = types.map { $0.sorted() }
        if let types, types.isEmpty { return [] }
        let narrowed = types.map { " AND i.type_name IN (" + $0.map { _ in "?" }.joined(separator: ", ") + ")" } ?? ""
        return try items(
            transaction.rows(
                "SELECT \(columns) WHERE i.account = ? AND i.node = ?\(narrowed) ORDER BY i.type_name",
                [.text(account), .text(node)] + (types ?? []).map(SQLValue.text)))
    }

    /// What a node's items are known by, without their content: type, version and hash of the content as its collector gave it.
    package static func hashes(
        of node: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> [(typeName: String, schemaVersion: String, contentHash: String?)] {
        var hashes: [(typeName: String, schemaVersion: String, contentHash: String?)] = []
        for row in try transaction.rows(
            "SELECT type_name, schema_version, content_hash FROM inventory_item WHERE account = ? AND node = ? ORDER BY type_name",
            [.text(account), .text(node)])
        {
            hashes.append((try row.text(0), try row.text(1), row.values[2].text))
        }
        return hashes
    }

    /// How many items of a type there are, by version of its schema.
    package static func counts(
        ofType typeName: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> [(version: String, count: Int64)] {
        var counts: [(version: String, count: Int64)] = []
        for row in try transaction.rows(
            """
            SELECT schema_version, COUNT(*) FROM inventory_item WHERE account = ? AND type_name = ?
            GROUP BY schema_version ORDER BY schema_version
            """, [.text(account), .text(typeName)])
        {
            counts.append((try row.text(0), try row.integer(1)))
        }
        return counts
    }

    private static func items(_ rows: [Row]) throws(StoreError) -> [InventoryItem] {
        var items: [InventoryItem] = []
        for row in rows {
            items.append(
                InventoryItem(
                    account: try row.text(0), node: try row.text(1), typeName: try row.text(2), schemaVersion: try row.text(3),
                    captureTime: try row.text(4), contentHash: row.values[5].text, digest: try row.blob(6), content: try row.blob(7),
                    changedAt: Timestamp(milliseconds: try row.integer(8))))
        }
        return items
    }

    // MARK: Custom types

    /// Makes a custom type known, or notes its latest version and attributes.
    package static func put(_ type: InventoryType, account: String) -> Statement {
        Statement(
            """
            INSERT INTO inventory_type (account, type_name, schema_version, attributes, disabled_version) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (account, type_name) DO UPDATE SET schema_version = excluded.schema_version, attributes = excluded.attributes,
                disabled_version = excluded.disabled_version
            """,
            [.text(account), .text(type.typeName), .text(type.schemaVersion), .blob(type.attributes), .text(type.disabledVersion)])
    }

    /// Forgets a custom type.
    package static func removeType(_ typeName: String, account: String) -> Statement {
        Statement("DELETE FROM inventory_type WHERE account = ? AND type_name = ?", [.text(account), .text(typeName)])
    }

    /// The custom types of an account, ordered by name. There are few.
    package static func types(account: String, in transaction: any ReadTransaction) throws(StoreError) -> [InventoryType] {
        var types: [InventoryType] = []
        for row in try transaction.rows(
            "SELECT type_name, schema_version, attributes, disabled_version FROM inventory_type WHERE account = ? ORDER BY type_name",
            [.text(account)])
        {
            types.append(
                InventoryType(
                    typeName: try row.text(0), schemaVersion: try row.text(1), attributes: try row.blob(2), disabledVersion: row.values[3].text))
        }
        return types
    }

    // MARK: Deletions

    /// Notes a deletion, which is done in the same batch.
    package static func record(_ deletion: InventoryDeletion, account: String) -> Statement {
        Statement(
            "INSERT INTO inventory_deletion (account, id, type_name, started_at, ended_at, summary) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .text(account), .text(deletion.id), .text(deletion.typeName), .integer(deletion.startedAt.milliseconds),
                .integer(deletion.startedAt.milliseconds), .blob(deletion.summary),
            ])
    }

    /// An account's deletions ordered by id, those after `id`.
    package static func deletions(
        account: String, after id: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [InventoryDeletion] {
        var deletions: [InventoryDeletion] = []
        for row in try transaction.rows(
            "SELECT id, type_name, started_at, summary FROM inventory_deletion WHERE account = ? AND id > ? ORDER BY id LIMIT ?",
            [.text(account), .text(id), .integer(limit)])
        {
            deletions.append(
                InventoryDeletion(
                    id: try row.text(0), typeName: try row.text(1), startedAt: Timestamp(milliseconds: try row.integer(2)),
                    summary: try row.blob(3)))
        }
        return deletions
    }
}
