extension Migration {
    static let v0024RotateNodeKeys = Migration(version: 24, name: "rotate-node-keys", statements: [])
}
