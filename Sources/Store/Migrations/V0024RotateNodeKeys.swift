extension Migration {
    /// The key that follows a node's key: valid beside it from its announcement until its first use, which puts it in the other's place.
    static let v0024RotateNodeKeys = Migration(
        version: 24, name: "rotate-node-keys",
        statements: ["ALTER TABLE managed_node ADD COLUMN next_public_key {blob}"])
}
