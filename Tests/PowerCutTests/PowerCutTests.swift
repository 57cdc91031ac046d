import CPowerCut
import CSQLite
import Foundation
import TestSupport
import Testing

/// What the layer under SQLite keeps from the disk. The files themselves, copied without closing anything, are what a power cut leaves.
@Suite("Power cuts under SQLite") struct PowerCutTests {
    private static let isInstalled: Bool = {
        nightshift_power_cut_install("cut-lost", NIGHTSHIFT_POWER_CUT_LOST, 1, 0) == 0
            && nightshift_power_cut_install("cut-torn", NIGHTSHIFT_POWER_CUT_TORN, 1, 0) == 0
            && nightshift_power_cut_install("cut-lying", NIGHTSHIFT_POWER_CUT_LYING, 1, 0) == 0
    }()

    private let directory: TemporaryDirectory

    init() throws {
        try #require(PowerCutTests.isInstalled)
        directory = try TemporaryDirectory()
    }

    @Test(arguments: ["cut-lost", "cut-torn"]) func whatWasCommittedWithFullSynchronisationIsThere(layer: String) throws {
        let path = directory.file("a.db")
        let writer = try Connection(path, layer: layer)
        try writer.createNumbers()
        for n in 1...50 {
            try writer.run("INSERT INTO number VALUES (\(n), randomblob(3000))")
            if n % 10 == 0 { #expect(try rowsAfterCut(path) == n) }
        }
    }

    @Test func whatWasNotSynchronisedIsGone() throws {
        let path = directory.file("a.db")
        let writer = try Connection(path, layer: "cut-lost")
        try writer.createNumbers()
        try writer.run("INSERT INTO number VALUES (1, x'00')")
        try writer.run("PRAGMA synchronous=OFF")
        for n in 2...20 { try writer.run("INSERT INTO number VALUES (\(n), x'00')") }
        #expect(try writer.number("SELECT count(*) FROM number") == 20)
        #expect(try rowsAfterCut(path) == 1)
    }

    @Test func aDiskThatLiesLosesWhatWasCommitted() throws {
        let path = directory.file("a.db")
        let writer = try Connection(path, layer: "cut-lying")
        try writer.createNumbers()
        try writer.run("INSERT INTO number VALUES (1, x'00')")
        #expect(try writer.number("SELECT count(*) FROM number") == 1)
        #expect(throws: Failure.self) { try rowsAfterCut(path) }
    }

    @Test func othersOfTheProcessReadWhatIsNotSynchronised() throws {
        let path = directory.file("a.db")
        let writer = try Connection(path, layer: "cut-lost")
        try writer.createNumbers()
        let reader = try Connection(path, layer: "cut-lost")
        try writer.run("PRAGMA synchronous=OFF")
        for n in 1...100 {
            try writer.run("INSERT INTO number VALUES (\(n), randomblob(700))")
            #expect(try reader.number("SELECT count(*) FROM number") == Int64(n))
        }
    }

    @Test(arguments: ["cut-lost", "cut-torn"]) func checkpointsKeepAllWhereverTheyAreCut(layer: String) throws {
        let path = directory.file("a.db")
        let writer = try Connection(path, layer: layer)
        try writer.createNumbers()
        for round in 0..<5 {
            for n in 1...40 { try writer.run("INSERT INTO number VALUES (\(round * 40 + n), randomblob(2000))") }
            try writer.run("PRAGMA wal_checkpoint(\(round % 2 == 0 ? "PASSIVE" : "TRUNCATE"))")
            #expect(try rowsAfterCut(path) == (round + 1) * 40)
        }
        #expect(try writer.number("SELECT count(*) FROM number WHERE length(body) = 2000") == 200)
    }

    @Test(arguments: 0..<40 as Range<UInt64>) func tornTransactionsAreThereWholeOrNotAtAll(seed: UInt64) throws {
        let layer = "cut-torn-\(seed)"
        #expect(nightshift_power_cut_install(layer, NIGHTSHIFT_POWER_CUT_TORN, seed, 0) == 0)
        let path = directory.file("a.db")
        let writer = try Connection(path, layer: layer)
        try writer.createNumbers()
        try writer.run("PRAGMA synchronous=OFF")
        for n in 0..<20 {
            try writer.run(
                """
                BEGIN; INSERT INTO number VALUES (\(2 * n), randomblob(3000));
                INSERT INTO number VALUES (\(2 * n + 1), x'00'); COMMIT
                """)
            let rows = try rowsAfterCut(path)
            #expect(rows % 2 == 0 && rows <= 2 * (n + 1))
        }
    }

    @Test func aFileWhoseEntryWasNotSynchronisedIsGoneForTheNextProcess() throws {
        let path = directory.file("a.db")
        let writer = try Connection(path, layer: "cut-lost")
        try writer.run("PRAGMA user_version")
        #expect(FileManager.default.fileExists(atPath: path + ".entry-not-synced"))
        try writer.createNumbers()
        // The first synchronised log takes its directory along, and so everything in it.
        #expect(!FileManager.default.fileExists(atPath: path + ".entry-not-synced"))
        #expect(!FileManager.default.fileExists(atPath: path + "-wal.entry-not-synced"))

        let other = directory.file("b.db")
        _ = FileManager.default.createFile(atPath: other, contents: Data("never there".utf8))
        _ = FileManager.default.createFile(atPath: other + ".entry-not-synced", contents: nil)
        let later = try Connection(other, layer: "cut-lost")
        #expect(try later.number("SELECT count(*) FROM sqlite_schema") == 0)
    }

    /// How many rows the files hold once they are opened without what was only in memory.
    private func rowsAfterCut(_ path: String) throws -> Int {
        let copies = try TemporaryDirectory()
        for suffix in ["", "-wal", "-journal"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copies.file("copy.db" + suffix))
        }
        let connection = try Connection(copies.file("copy.db"), layer: "unix")
        try #require(connection.text("PRAGMA integrity_check") == "ok")
        return Int(try connection.number("SELECT count(*) FROM number"))
    }

    struct Failure: Error {
        let text: String
    }

    /// A connection over a layer.
    private final class Connection {
        private let handle: OpaquePointer

        init(_ path: String, layer: String) throws {
            var opened: OpaquePointer?
            let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, layer)
            guard code == SQLITE_OK, let opened else { throw Failure(text: "cannot open \(path): \(code)") }
            handle = opened
        }

        deinit { sqlite3_close_v2(handle) }

        func createNumbers() throws {
            try run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0")
            try run("CREATE TABLE number (n INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        }

        func run(_ sql: String) throws {
            guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
                throw Failure(text: String(cString: sqlite3_errmsg(handle)))
            }
        }

        func number(_ sql: String) throws -> Int64 { try first(sql) { sqlite3_column_int64($0, 0) } }

        func text(_ sql: String) throws -> String {
            try first(sql) { sqlite3_column_text($0, 0).map { String(cString: $0) } ?? "" }
        }

        private func first<Value>(_ sql: String, _ read: (OpaquePointer) -> Value) throws -> Value {
            var statement: OpaquePointer?
            defer { sqlite3_finalize(statement) }
            guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement,
                sqlite3_step(statement) == SQLITE_ROW
            else { throw Failure(text: String(cString: sqlite3_errmsg(handle))) }
            return read(statement)
        }
    }
}
