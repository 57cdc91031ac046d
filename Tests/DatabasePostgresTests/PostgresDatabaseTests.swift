import DatabasePostgres
import Foundation
import Store
import Synchronization
import Testing
import TimeSource

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

    @Test func aListingReadsByItsIndexThoughTheTableIsEmpty() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.open(schema)
            try await database.migrate([
                Statement("CREATE TABLE queue (at BIGINT, id BIGINT, PRIMARY KEY (at, id))"), Statement("ANALYZE queue"),
            ])
            let page = "SELECT at, id FROM queue WHERE (at, id) > (?, ?) ORDER BY at, id LIMIT ?"
            #expect(try await Self.plan(of: page, values: 3, in: database).contains("queue_pkey"))
            await database.close()
        }
    }

    @Test func anExecutionEndsByItsKeyHoweverFewAreRunning() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.open(schema)
            try await Migrator.migrate(database)
            try await database.migrate([
                Statement(
                    """
                    INSERT INTO execution (id, machine, revision, name, status, started_at, stopped_at, redrives)
                    SELECT n, 1, 1, 'e' || n, 'SUCCEEDED', 1, 1, 0 FROM generate_series(1, 20000) n
                    """),
                Statement("ANALYZE execution"),
            ])
            let record = ExecutionRecord(
                id: ExecutionID(value: 1), machine: 1, revision: 1, name: "e1", status: .succeeded,
                startedAt: Timestamp(milliseconds: 1), stoppedAt: Timestamp(milliseconds: 1), redrives: 0)
            for statement in ExecutionStore.endExecution(record) where statement.sql.contains("UPDATE execution ") {
                let plan = try await Self.plan(of: statement.sql, values: statement.values.count, in: database)
                #expect(plan.contains("execution_pkey"), "\(plan)")
            }
            await database.close()
        }
    }

    @Test func aPlanOfAnEmptyTableIsMadeAgainWhenTheTableGrows() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.open(schema)
            // The second index cannot be told from the key while the table is empty; the table is never analysed by itself.
            try await database.migrate([
                Statement("CREATE TABLE two (id BIGINT PRIMARY KEY, kind BIGINT) WITH (autovacuum_enabled = off)"),
                Statement("CREATE INDEX two_by_kind ON two (kind, id)"), Statement("ANALYZE two"),
            ])
            let delete = Statement("DELETE FROM two WHERE id = ?", [.integer(0)])
            try await database.apply([delete])
            for first in stride(from: 1, through: 6_001, by: 1_000) {
                try await database.apply((first..<first + 1_000).map { Statement("INSERT INTO two VALUES (?, 1)", [.integer($0)]) })
                try await database.apply([delete])
            }
            let name = try await database.apply([
                Statement("SELECT name FROM pg_prepared_statements WHERE statement LIKE 'DELETE FROM two%'")
            ])[0].rows[0].text(0)
            let explained = try await database.apply([Statement("EXPLAIN EXECUTE \(name) (1)")])
            let plan = try explained[0].rows.map { try $0.text(0) }.joined(separator: "\n")
            #expect(plan.contains("two_pkey"), "\(plan)")
            await database.close()
        }
    }

    /// How the server runs a statement that it has prepared.
    private static func plan(of sql: String, values: Int, in database: PostgresDatabase) async throws -> String {
        var number = 0
        let numbered = sql.map { character -> String in
            guard character == "?" else { return String(character) }
            number += 1
            return "$\(number)"
        }.joined()
        let arguments = Array(repeating: "NULL", count: values).joined(separator: ", ")
        let results = try await database.apply([
            Statement("PREPARE planned AS \(numbered)"), Statement("EXPLAIN EXECUTE planned (\(arguments))"),
            Statement("DEALLOCATE planned"),
        ])
        return try results[1].rows.map { try $0.text(0) }.joined(separator: "\n")
    }
}
