import DatabasePostgres
import Foundation
import Store
import Synchronization
import Testing

@Suite("PostgreSQL", TestSchema.isThere) struct PostgresDatabaseTests {
    private static let row = "INSERT INTO row (id, body, note) VALUES (?, ?, ?)"

    private static func insert(_ id: Int, _ bytes: Int = 100, note: String? = nil) -> Statement {
        Statement(row, [.integer(id), .blob(Array(repeating: 7, count: bytes)), .text(note)])
    }

    private static func open(_ schema: TestSchema) async throws -> PostgresDatabase {
        let database = try await schema.open()
        try await database.migrate([
            Statement("CREATE TABLE row (id BIGINT PRIMARY KEY, body {blob} NOT NULL, note TEXT) {clustered}"),
            Statement("CREATE TABLE numbered (id {bigserial}, note TEXT)"),
        ])
        return database
    }

    private static func count(_ database: PostgresDatabase) async throws -> Int64 {
        try await database.read { try $0.row("SELECT COUNT(*) FROM row")?.integer(0) ?? -1 }
    }

    @Test func everyCommitIsSynchronised() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.open(schema)
            let settings = try await database.apply([Statement("SHOW fsync"), Statement("SHOW synchronous_commit")])
            #expect(settings.map { $0.rows.first?.values } == [[.text("on")], [.text("on")]])
            await database.close()
        }
    }

    @Test func batchesThatWaitShareATransaction() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.open(schema)
            try await Migrator.migrate(database)
            let start = try await NodeStore.beginIncarnation(of: "main", in: database)
            database.setFence(NodeFence(node: "main", incarnation: start.incarnation))
            let done = Mutex(0)
            await withCheckedContinuation { continuation in
                // Handed over while the writer is busy with the first, which is large.
                database.apply([Self.insert(100_000, 8 << 20)]) { _ in }
                for id in 0..<2_000 {
                    database.apply([Self.insert(id)]) { result in
                        if (try? result.get()) == nil { Issue.record("a batch failed") }
                        if done.withLock({
                            $0 += 1
                            return $0
                        }) == 2_000 {
                            continuation.resume()
                        }
                    }
                }
            }
            let transactions = try await database.read { try $0.row("SELECT batch_seq FROM node")?.integer(0) ?? 0 }
            #expect(transactions < 1_000, "2,001 batches took \(transactions) transactions")
            #expect(try await Self.count(database) == 2_001)
            await database.close()
        }
    }

    @Test func aGroupMaySendAndReturnMoreThanTheWireHolds() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.open(schema)
            let body: [UInt8] = Array(repeating: 3, count: 64 << 10)
            // 32 MB each way in one transaction: neither side may wait for the other to listen.
            let results = try await database.apply(
                (0..<512).map {
                    Statement("INSERT INTO row (id, body) VALUES (?, ?) RETURNING body, id", [.integer($0), .blob(body)])
                })
            #expect(results.count == 512)
            for (id, result) in results.enumerated() { #expect(result.rows == [Row([.blob(body), .integer(id)])]) }
            await database.close()
        }
    }

    @Test func aTextWithNULIsRefusedAndItsNeighboursAreApplied() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.open(schema)
            let outcomes = await withTaskGroup(of: (Int, StoreError?).self) { group in
                for id in 0..<20 {
                    group.addTask {
                        do throws(StoreError) {
                            try await database.apply([Self.insert(id), Self.insert(100 + id, note: id % 5 == 0 ? "a\0b" : "ab")])
                            return (id, nil)
                        } catch {
                            return (id, error)
                        }
                    }
                }
                return await group.reduce(into: [Int: StoreError?]()) { $0[$1.0] = .some($1.1) }
            }
            for (id, error) in outcomes {
                #expect(error?.code == (id % 5 == 0 ? .invalidStatement : nil))
                if let error { #expect(error.detail.contains("NUL") && !error.detail.contains("a\0b")) }
            }
            #expect(try await Self.count(database) == 32)
            await database.close()
        }
    }

    @Test func statementsBeyondWhatStaysPreparedWork() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.open(schema)
            for first in stride(from: 0, to: 2_400, by: 400) {
                try await database.apply((first..<first + 400).map { Statement("INSERT INTO row (id, body) VALUES (\($0), '')") })
            }
            #expect(try await Self.count(database) == 2_400)
            await database.close()
        }
    }

    @Test func aGrowingKeyIsReturned() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.open(schema)
            let add = Statement("INSERT INTO numbered (note) VALUES (?) RETURNING id", [.text("a ? in a value")])
            let ids = try await database.apply([add, add, add]).map { try $0.rows[0].integer(0) }
            #expect(ids == [1, 2, 3])
            let literal = try await database.read { try $0.rows("SELECT note, '?''?' FROM numbered WHERE id = ?", [.integer(2)]) }
            #expect(literal == [Row([.text("a ? in a value"), .text("?'?")])])
            await database.close()
        }
    }

    @Test func anotherProcessThatBeginsTheNodeFencesTheFirst() async throws {
        try await TestSchema.with { schema in
            let first = try await Self.open(schema)
            try await Migrator.migrate(first)
            first.setFence(NodeFence(node: "main", incarnation: try await NodeStore.beginIncarnation(of: "main", in: first).incarnation))
            try await first.apply([Self.insert(1)])
            let second = try await schema.open()
            second.setFence(NodeFence(node: "main", incarnation: try await NodeStore.beginIncarnation(of: "main", in: second).incarnation))
            let error = await #expect(throws: StoreError.self) { try await first.apply([Self.insert(2)]) }
            #expect(error?.code == .fenced)
            #expect(error?.outcome == .notApplied)
            try await second.apply([Self.insert(3)])
            #expect(try await Self.count(second) == 2)
            await first.close()
            await second.close()
        }
    }

    @Test func errorsShowNoPayload() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.open(schema)
            try await database.migrate([Statement("CREATE UNIQUE INDEX by_note ON row (note)")])
            try await database.apply([Self.insert(1, note: "secret")])
            let error = await #expect(throws: StoreError.self) { try await database.apply([Self.insert(2, note: "secret")]) }
            #expect(error?.code == .conflict)
            #expect(error?.detail.contains("by_note") == true)
            #expect(error?.detail.contains("secret") == false)
            await database.close()
        }
    }

    @Test func aListingReadsByItsIndexThoughTheTableWasEmptyWhenItWasPlanned() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.open(schema)
            try await database.migrate([Statement("CREATE TABLE queue (at BIGINT, id BIGINT, PRIMARY KEY (at, id))")])
            let page = "SELECT at, id FROM queue WHERE (at, id) > (?, ?) ORDER BY at, id LIMIT ?"
            for _ in 0..<12 { _ = try await database.read { try $0.rows(page, [.integer(0), .integer(0), .integer(3)]) } }
            let plan = try await database.read { transaction in
                try transaction.rows("EXPLAIN SELECT at, id FROM queue WHERE (at, id) > (0, 0) ORDER BY at, id LIMIT 3")
            }
            let text = try plan.map { try $0.text(0) }.joined(separator: "\n")
            #expect(text.contains("queue_pkey"))
            #expect(!text.contains("Seq Scan"))
            await database.close()
        }
    }
}
