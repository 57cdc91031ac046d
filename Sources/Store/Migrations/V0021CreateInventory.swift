extension Migration {
    /// What operators set for nodes, what a search for nodes asks for, and what is known of nodes: the inventory.
    static let v0021CreateInventory = Migration(
        version: 21, name: "create-inventory",
        statements: [
            // Since when it takes nothing new, null when it does; `run_as` is the JSON of AgentProtocol's RunAs, null when nothing is set.
            "ALTER TABLE managed_node ADD COLUMN maintenance_at BIGINT",
            "ALTER TABLE managed_node ADD COLUMN run_as {blob}",
            // From the facts, for filters. Empty until the node greets again.
            "ALTER TABLE managed_node ADD COLUMN platform_type TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE managed_node ADD COLUMN agent_version TEXT NOT NULL DEFAULT ''",
            // One row for each type of inventory of each node. `content` is a JSON array of objects of strings; `digest` is its SHA-256.
            // `changed_at` and `captured_at` are milliseconds; `capture_time` is as it was given.
            """
            CREATE TABLE inventory_item (
                account TEXT NOT NULL,
                node TEXT NOT NULL,
                type_name TEXT NOT NULL,
                schema_version TEXT NOT NULL,
                capture_time TEXT NOT NULL,
                content_hash TEXT,
                digest {blob} NOT NULL,
                content {blob} NOT NULL,
                changed_at BIGINT NOT NULL,
                PRIMARY KEY (account, node, type_name)
            )
            """,
            "CREATE INDEX inventory_item_by_type ON inventory_item (account, type_name, node)",
            // Custom types that are known, and up to which version of their schema data is ignored.
            """
            CREATE TABLE inventory_type (
                account TEXT NOT NULL,
                type_name TEXT NOT NULL,
                schema_version TEXT NOT NULL,
                attributes {blob} NOT NULL,
                disabled_version TEXT,
                PRIMARY KEY (account, type_name)
            )
            """,
            """
            CREATE TABLE inventory_deletion (
                account TEXT NOT NULL,
                id TEXT NOT NULL,
                type_name TEXT NOT NULL,
                started_at BIGINT NOT NULL,
                ended_at BIGINT,
                summary {blob} NOT NULL,
                PRIMARY KEY (account, id)
            )
            """,
        ])
}
