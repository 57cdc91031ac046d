import Store

extension ConformanceCase {
    /// The schema comes from nothing to this version, once.
    static let migrations: [ConformanceCase] = [
        ConformanceCase("an empty database gets the whole schema, once") { subject in
            let database = try await subject.open()
            try await Migrator.migrate(database)
            try await Migrator.migrate(database)
            await database.close()
            let again = try await subject.open()
            try await Migrator.migrate(again)
            let versions = try await again.read { transaction in
                try transaction.rows("SELECT version FROM schema_version ORDER BY version").map { try $0.integer(0) }
            }
            try expect(versions, Migrator.migrations.map { Int64($0.version) }, "versions")
            await again.close()
        },
        ConformanceCase("migrations are numbered from 1 without a gap, each with a name of its own") { _ in
            try expect(Migrator.migrations.map(\.version), Array(1...Migrator.migrations.count), "versions")
            try expect(Set(Migrator.migrations.map(\.name)).count, Migrator.migrations.count, "names")
        },
        ConformanceCase("a database of a newer version is refused and stays as it is") { subject in
            let database = try await migrated(subject)
            let newer = Int64(Migrator.head + 1)
            try await database.apply([
                Statement("INSERT INTO schema_version (version, name) VALUES (?, ?)", [.integer(newer), .text("of-tomorrow")])
            ])
            do {
                try await Migrator.migrate(database)
                throw ConformanceFailure(description: "a newer database was taken")
            } catch let error as StoreError {
                try expect(error.code, .newerSchema, "code")
                try require(error.detail.contains("\(newer)"), "the error names no version: \(error.detail)")
            }
            await database.close()
        },
        ConformanceCase("a migration that fails leaves nothing behind") { subject in
            let database = try await subject.open()
            do {
                try await database.migrate([
                    Statement("CREATE TABLE half (id BIGINT PRIMARY KEY)"), Statement("CREATE TABLE half (id BIGINT PRIMARY KEY)"),
                ])
                throw ConformanceFailure(description: "the same table was created twice")
            } catch is StoreError {}
            try await database.migrate([Statement("CREATE TABLE half (id BIGINT PRIMARY KEY)")])
            await database.close()
        },
    ]
}
