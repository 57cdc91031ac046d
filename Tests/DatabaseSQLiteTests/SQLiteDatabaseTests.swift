import DatabaseSQLite
import Foundation
import Store
import Synchronization
import TestSupport
import Testing

@Suite("SQLite") struct SQLiteDatabaseTests {
    private static let row = "INSERT INTO row (id, body) VALUES (?, ?)"

    private static func insert(_ id: Int, _ bytes: Int = 100) -> Statement {
        Statement(row, [.integer(id), .blob(Array(repeating: 7, count: bytes))])
    }

    private static func open(_ path: String) async throws -> SQLiteDatabase {
        let database = try await SQLiteDatabase.open(path: path)
        try await database.migrate([Statement("CREATE TABLE IF NOT EXISTS row (id BIGINT PRIMARY KEY, body {blob} NOT NULL)")])
        return database
    }

    private static func count(_ database: SQLiteDatabase) async throws -> Int64 {
        try await database.read { try $0.row("SELECT COUNT(*) FROM row")?.integer(0) ?? -1 }
    }

    @Test func everyCommitIsSynchronisedAndTheLogIsAheadOfTheFile() async throws {
        let directory = try TemporaryDirectory()
        let database = try await SQLiteDatabaseTests.open(directory.file("test.db"))
        let results = try await database.apply([Statement("PRAGMA synchronous"), Statement("PRAGMA journal_mode")])
        #expect(results[0].rows == [Row([.integer(2)])])
        #expect(results[1].rows == [Row([.text("wal")])])
        await database.close()
    }

    @Test func batchesThatWaitShareATransaction() async throws {
        let directory = try TemporaryDirectory()
        let database = try await SQLiteDatabaseTests.open(directory.file("test.db"))
        try await Migrator.migrate(database)
        let start = try await NodeStore.beginIncarnation(of: "main", in: database)
        database.setFence(NodeFence(node: "main", incarnation: start.incarnation))
        // Handed over while the writer is busy with the first, which is large.
        let done = Mutex(0)
        await withCheckedContinuation { continuation in
            database.apply([SQLiteDatabaseTests.insert(100_000, 8 << 20)]) { _ in }
            for id in 0..<2_000 {
                database.apply([SQLiteDatabaseTests.insert(id)]) { result in
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
        #expect(try await SQLiteDatabaseTests.count(database) == 2_001)
        await database.close()
    }

    @Test func aFullDatabaseSaysSoReadsGoOnAndItTakesWorkAgainWhenThereIsRoom() async throws {
        let directory = try TemporaryDirectory()
        let database = try await SQLiteDatabaseTests.open(directory.file("test.db"))
        try await database.apply([SQLiteDatabaseTests.insert(0)])
        try await database.apply([Statement("PRAGMA max_page_count = 60")])
        var stored = 1
        var failure: StoreError?
        for id in 1..<100 where failure == nil {
            do throws(StoreError) {
                try await database.apply([SQLiteDatabaseTests.insert(id, 10_000)])
                stored += 1
            } catch {
                failure = error
            }
        }
        #expect(failure?.code == .full)
        #expect(failure?.outcome == .notApplied)
        #expect(try await SQLiteDatabaseTests.count(database) == Int64(stored))
        try await database.apply([Statement("PRAGMA max_page_count = 100000")])
        try await database.apply([SQLiteDatabaseTests.insert(1_000, 10_000)])
        #expect(try await SQLiteDatabaseTests.count(database) == Int64(stored) + 1)
        await database.close()
    }

    @Test func whatWasAcknowledgedIsInACopyOfTheFilesTakenWhileItWrites() async throws {
        let directory = try TemporaryDirectory()
        let database = try await SQLiteDatabaseTests.open(directory.file("test.db"))
        let acknowledged = Mutex(-1)
        let writing = Task {
            var id = 0
            while !Task.isCancelled {
                try await database.apply([SQLiteDatabaseTests.insert(id), SQLiteDatabaseTests.insert(1_000_000 + id)])
                acknowledged.withLock { [id] in $0 = id }
                id += 1
            }
        }
        for copy in 0..<8 {
            let before = acknowledged.withLock { $0 }
            let files = directory.file("copy-\(copy)")
            try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
            // The file before its log: what moves from the log to the file meanwhile is in both. Between two checkpoints the log only
            // grows; should it begin anew meanwhile, the copy is none.
            let log = try logHeader(directory.file("test.db-wal"))
            try FileManager.default.copyItem(atPath: directory.file("test.db"), toPath: files + "/test.db")
            try FileManager.default.copyItem(atPath: directory.file("test.db-wal"), toPath: files + "/test.db-wal")
            guard try logHeader(directory.file("test.db-wal")) == log else { continue }
            let survivor = try await SQLiteDatabaseTests.open(files + "/test.db")
            let (pairs, largest, integrity) = try await survivor.read { transaction in
                (
                    try transaction.row("SELECT COUNT(*) FROM row a JOIN row b ON b.id = a.id + 1000000")?.integer(0) ?? -1,
                    try transaction.row("SELECT COALESCE(MAX(id), -1) FROM row WHERE id < 1000000")?.integer(0) ?? -2,
                    try transaction.row("PRAGMA integrity_check")?.text(0)
                )
            }
            #expect(integrity == "ok")
            #expect(largest >= Int64(before), "batch \(before) was acknowledged before the copy")
            #expect(pairs == largest + 1, "a batch is there in part")
            await survivor.close()
        }
        writing.cancel()
        try? await writing.value
        await database.close()
    }

    private func logHeader(_ path: String) throws -> Data? {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        return try file.read(upToCount: 32)
    }

    @Test func aTornLogEndsWithTheLastWholeBatch() async throws {
        let directory = try TemporaryDirectory()
        let database = try await SQLiteDatabaseTests.open(directory.file("test.db"))
        // A reader that is older than the batches: none of them is moved into the database file meanwhile.
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let end = DispatchSemaphore(value: 0)
        async let reading: Void = database.read { transaction in
            _ = try transaction.rows("SELECT COUNT(*) FROM row")
            begin.finish()
            end.wait()
        }
        for await _ in begun {}
        for id in 0..<20 { try await database.apply([SQLiteDatabaseTests.insert(id, 3_000), SQLiteDatabaseTests.insert(100 + id, 3_000)]) }
        let log = try Data(contentsOf: URL(filePath: directory.file("test.db-wal")))
        let file = try Data(contentsOf: URL(filePath: directory.file("test.db")))
        end.signal()
        try await reading
        await database.close()
        for cut in [1, 100, 4_000, 9_000, 20_000] {
            let torn = try TemporaryDirectory()
            try file.write(to: URL(filePath: torn.file("test.db")))
            try log.dropLast(cut).write(to: URL(filePath: torn.file("test.db-wal")))
            let survivor = try await SQLiteDatabaseTests.open(torn.file("test.db"))
            let ids = try await survivor.read { try $0.rows("SELECT id FROM row ORDER BY id").map { try $0.integer(0) } }
            let batches = ids.filter { $0 < 100 }
            #expect(batches == Array(0..<Int64(batches.count)))
            #expect(ids == batches + batches.map { $0 + 100 }, "a batch is there in part")
            #expect(batches.count < 20)
            await survivor.close()
        }
    }

    @Test func aFileThatIsNoDatabaseAndAMissingDirectoryAreRefused() async throws {
        let directory = try TemporaryDirectory()
        try Data(repeating: 0x41, count: 8_192).write(to: URL(filePath: directory.file("text.db")))
        await #expect { try await SQLiteDatabase.open(path: directory.file("text.db")) } throws: {
            ($0 as? StoreError)?.code == .corrupted
        }
        await #expect { try await SQLiteDatabase.open(path: directory.file("missing/test.db")) } throws: {
            ($0 as? StoreError)?.code == .unavailable
        }
    }

    @Test func theLogDoesNotGrowForEver() async throws {
        let directory = try TemporaryDirectory()
        let database = try await SQLiteDatabaseTests.open(directory.file("test.db"))
        for first in stride(from: 0, to: 30_000, by: 1_000) {
            try await database.apply((first..<first + 1_000).map { SQLiteDatabaseTests.insert($0) })
        }
        await database.close()
        let size = try FileManager.default.attributesOfItem(atPath: directory.file("test.db"))[.size] as? Int ?? 0
        #expect(size > 3_000_000, "the log was never moved to the file")
    }
}
