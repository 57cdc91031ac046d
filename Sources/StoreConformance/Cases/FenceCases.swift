import Store
import TimeSource

extension ConformanceCase {
    /// Only the newest incarnation of a node writes (core rule 4).
    static let fences: [ConformanceCase] = [
        ConformanceCase("a stale incarnation is fenced and changes nothing") { subject in
            let database = try await migrated(subject)
            let start = try await NodeStore.beginIncarnation(of: "a", in: database)
            database.setFence(NodeFence(node: "a", incarnation: start.incarnation))
            try await database.apply([SettingStore.insert("one", [1])])
            // Somebody else takes the node over, through this same connection for once.
            try await database.apply([Statement("UPDATE node SET incarnation = incarnation + 1, batch_seq = 0 WHERE node = 'a'")])
            try await database.refuse([SettingStore.insert("two", [2])], with: .fenced)
            try await database.refuse([SettingStore.insert("three", [3])], with: .fenced)
            let names = try await database.read { try $0.rows("SELECT name FROM setting").map { try $0.text(0) } }
            try expect(names, ["one"], "settings")
            await database.close()
        },
        ConformanceCase("the batch number counts transactions, not batches, and only applied ones") { subject in
            let database = try await migrated(subject)
            let start = try await NodeStore.beginIncarnation(of: "a", in: database)
            database.setFence(NodeFence(node: "a", incarnation: start.incarnation))
            for number in 1...3 { try await database.apply([SettingStore.insert("\(number)", [])]) }
            try expect(try await sequence(in: database), 3, "number after three batches one by one")
            try await database.refuse([SettingStore.insert("1", [])], with: .conflict)
            try await database.apply([SettingStore.insert("4", [])])
            let number = try await sequence(in: database)
            try require(number == 4 || number == 5, "the number is \(number) after four batches and a refused one")
            await database.close()
        },
        ConformanceCase("each start is a new incarnation, and engine time is kept") { subject in
            for incarnation in 1...3 {
                let database = try await migrated(subject)
                let start = try await NodeStore.beginIncarnation(of: "a", in: database)
                try expect(start.incarnation, Int64(incarnation), "incarnation")
                try expect(start.engineTime.milliseconds, Int64(incarnation - 1) * 1_000, "engine time")
                database.setFence(NodeFence(node: "a", incarnation: start.incarnation))
                try await database.apply([
                    NodeStore.recordEngineTime(.init(milliseconds: Int64(incarnation) * 1_000), of: "a"),
                    // Never back.
                    NodeStore.recordEngineTime(.init(milliseconds: 1), of: "a"),
                ])
                await database.close()
            }
        },
        ConformanceCase("of two that start the same node at once both get an incarnation of their own") { subject in
            let database = try await migrated(subject)
            let incarnations = try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 0..<10 { group.addTask { try await NodeStore.beginIncarnation(of: "a", in: database).incarnation } }
                return try await group.reduce(into: [Int64]()) { $0.append($1) }
            }
            try expect(incarnations.sorted(), Array(1...10), "incarnations")
            await database.close()
        },
    ]

    private static func sequence(in database: any Database) async throws -> Int64 {
        try await database.read { try $0.row("SELECT batch_seq FROM node WHERE node = 'a'")?.integer(0) ?? -1 }
    }

    /// Opens the database with the product's schema.
    static func migrated(_ subject: ConformanceSubject) async throws -> any Database {
        let database = try await subject.open()
        try await Migrator.migrate(database)
        return database
    }
}
