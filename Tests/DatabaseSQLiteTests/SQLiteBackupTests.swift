import DatabaseSQLite
import Foundation
import Store
import Synchronization
import TestSupport
import Testing

@Suite("Copies of a database in use") struct SQLiteBackupTests {
    private static func insert(_ id: Int, _ bytes: Int = 100) -> Statement {
        Statement("INSERT INTO row (id, body) VALUES (?, ?)", [.integer(id), .blob(Array(repeating: 7, count: bytes))])
    }

    private static func open(_ path: String) async throws -> SQLiteDatabase {
        let database = try await SQLiteDatabase.open(path: path)
        try await database.migrate([Statement("CREATE TABLE IF NOT EXISTS row (id BIGINT PRIMARY KEY, body {blob} NOT NULL)")])
        return database
    }

    /// The ids of a copy, after a check of the whole file.
    private static func ids(of path: String) async throws -> [Int64] {
        let copy = try await SQLiteDatabase.open(path: path)
        let check = try await copy.read { try $0.row("PRAGMA integrity_check")?.text(0) }
        #expect(check == "ok")
        let rows = try await copy.read { transaction in
            var ids: [Int64] = []
            for row in try transaction.rows("SELECT id FROM row ORDER BY id") { ids.append(try row.integer(0)) }
            return ids
        }
        await copy.close()
        return rows
    }

    @Test func aCopyHasAllThatWasCommitted() async throws {
        let directory = try TemporaryDirectory()
        let database = try await SQLiteBackupTests.open(directory.file("a.db"))
        for id in 0..<20 { try await database.apply([SQLiteBackupTests.insert(id, 10_000)]) }
        try await database.backUp(to: directory.file("b.db"))
        #expect(try await SQLiteBackupTests.ids(of: directory.file("b.db")) == Array(0..<20))
        // And the database goes on.
        try await database.apply([SQLiteBackupTests.insert(20)])
        await database.close()
    }

    @Test func aWriterThatNeverPausesDoesNotKeepACopyFromBeingMade() async throws {
        let directory = try TemporaryDirectory()
        let database = try await SQLiteBackupTests.open(directory.file("a.db"))
        // Large enough for many steps.
        for id in 0..<100 { try await database.apply([SQLiteBackupTests.insert(id, 200_000)]) }
        let isDone = Atomic(false)
        let written = Atomic(100)
        let writers = Task {
            while !isDone.load(ordering: .relaxed) {
                try await database.apply([SQLiteBackupTests.insert(written.load(ordering: .relaxed), 2_000)])
                written.add(1, ordering: .relaxed)
            }
        }
        try await database.backUp(to: directory.file("b.db"))
        let committed = written.load(ordering: .relaxed)
        isDone.store(true, ordering: .relaxed)
        try await writers.value
        let ids = try await SQLiteBackupTests.ids(of: directory.file("b.db"))
        // A prefix of what was committed, and all that was there at the beginning.
        #expect(ids == Array(0..<Int64(ids.count)))
        #expect(ids.count >= 100 && ids.count <= committed + 1)
        await database.close()
    }

    @Test func commitsAreMadeWhileACopyIsUnderWay() async throws {
        let directory = try TemporaryDirectory()
        let database = try await SQLiteBackupTests.open(directory.file("a.db"))
        for id in 0..<100 { try await database.apply([SQLiteBackupTests.insert(id, 400_000)]) }
        let meanwhile = Atomic(0)
        var next = 100
        // A busy machine may let the copy run to its end before the first commit is tried: then there is another copy.
        for copy in 0..<50 where meanwhile.load(ordering: .relaxed) < 4 {
            let isDone = Atomic(false)
            let backup = Task {
                try await database.backUp(to: directory.file("b\(copy).db"))
                isDone.store(true, ordering: .relaxed)
            }
            while !isDone.load(ordering: .relaxed) {
                try await database.apply([SQLiteBackupTests.insert(next)])
                next += 1
                if !isDone.load(ordering: .relaxed) { meanwhile.add(1, ordering: .relaxed) }
            }
            try await backup.value
        }
        #expect(meanwhile.load(ordering: .relaxed) >= 4)
        await database.close()
    }

    @Test func aFileThatIsThereIsNotOverwritten() async throws {
        let directory = try TemporaryDirectory()
        let database = try await SQLiteBackupTests.open(directory.file("a.db"))
        try Data("mine".utf8).write(to: URL(fileURLWithPath: directory.file("b.db")))
        await #expect(throws: StoreError.self) { try await database.backUp(to: directory.file("b.db")) }
        await #expect(throws: StoreError.self) { try await database.backUp(to: directory.file("nowhere/b.db")) }
        #expect(FileManager.default.contents(atPath: directory.file("b.db")) == Data("mine".utf8))
        try await database.apply([SQLiteBackupTests.insert(1)])
        await database.close()
    }

    @Test func aCancelledCopyEnds() async throws {
        let directory = try TemporaryDirectory()
        let database = try await SQLiteBackupTests.open(directory.file("a.db"))
        for id in 0..<50 { try await database.apply([SQLiteBackupTests.insert(id, 400_000)]) }
        let backup = Task { try await database.backUp(to: directory.file("b.db")) }
        backup.cancel()
        let result = await backup.result
        #expect(throws: StoreError.self) { try result.get() }
        try await database.apply([SQLiteBackupTests.insert(50)])
        await database.close()
    }

    @Test func aCopyThatIsUnderWayEndsWithTheDatabase() async throws {
        let directory = try TemporaryDirectory()
        let database = try await SQLiteBackupTests.open(directory.file("a.db"))
        for id in 0..<50 { try await database.apply([SQLiteBackupTests.insert(id, 400_000)]) }
        let copies = (0..<3).map { number in Task { try await database.backUp(to: directory.file("copy-\(number).db")) } }
        await database.close()
        // Each is whole, or failed; none hangs.
        for copy in copies { _ = await copy.result }
        await #expect(throws: StoreError(.closed)) { try await database.backUp(to: directory.file("late.db")) }
    }
}
