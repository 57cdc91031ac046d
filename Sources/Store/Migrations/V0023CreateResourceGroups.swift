extension Migration {
    static let v0023CreateResourceGroups = Migration(version: 23, name: "create-resource-groups", statements: [])
}
