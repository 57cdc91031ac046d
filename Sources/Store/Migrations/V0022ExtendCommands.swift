extension Migration {
    static let v0022ExtendCommands = Migration(version: 22, name: "extend-commands", statements: [])
}
