extension Migration {
    static let v0021CreateInventory = Migration(version: 21, name: "create-inventory", statements: [])
}
