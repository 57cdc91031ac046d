/// Brings a database to this program's schema; refuses one that is newer.
package enum Migrator {
    /// All migrations, in order.
    package static let migrations: [Migration] = [
        .v0001CreateExecutions,
        .v0002CreateTopics,
        .v0003CreateCommands,
        .v0004CreateRules,
        .v0005CreateFunctions,
        .v0006CreateParameters,
        .v0007OrderOutboxByExecution,
        .v0008CreateExpressStarts,
        .v0009CreateRestores,
        .v0010CreateVersions,
        .v0011CreateActivities,
        .v0012CreateMapRuns,
        .v0013CreateConnections,
        .v0014CreateRedrives,
        .v0015CreateQueues,
        .v0016CreateObjects,
        .v0017CreateBuses,
        .v0018CreateArchives,
        .v0019CreateEventSourceMappings,
        .v0020CreateDocuments,
        .v0021CreateInventory,
        .v0022ExtendCommands,
        .v0023CreateResourceGroups,
        .v0024RotateNodeKeys,
    ]

    /// The version that this program writes.
    package static var head: Int { migrations.last?.version ?? 0 }

    /// Runs what is missing, each migration in its own transaction.
    /// - Throws: `.newerSchema` when the database is ahead of this program, naming both versions.
    package static func migrate(_ database: any Database) async throws {
        try await database.migrate([
            Statement("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, name TEXT NOT NULL)")
        ])
        let current = try await database.read { transaction in
            try transaction.row("SELECT COALESCE(MAX(version), 0) FROM schema_version")?.integer(0) ?? 0
        }
        guard current <= Int64(head) else {
            throw StoreError(
                .newerSchema,
                detail: "the data directory has schema version \(current), this program knows \(head): start a newer nightshift")
        }
        for migration in migrations where migration.version > Int(current) {
            let record = Statement(
                "INSERT INTO schema_version (version, name) VALUES (?, ?)",
                [.integer(migration.version), .text(migration.name)])
            try await database.migrate(migration.statements.map { Statement($0) } + [record])
        }
    }
}
