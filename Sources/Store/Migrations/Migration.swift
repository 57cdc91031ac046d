/// One step of the schema: numbered, append-only, forward-only, spelled in SQL. A released one is never edited.
package struct Migration: Sendable {
    /// Its number; the schema's version is that of its last migration.
    package let version: Int
    /// What it does, like `create-executions`.
    package let name: String
    /// The statements, in the portable subset with the dialect's markers.
    package let statements: [String]

    /// A migration of these statements.
    package init(version: Int, name: String, statements: [String]) {
        self.version = version
        self.name = name
        self.statements = statements
    }
}
