import DatabasePostgres
import Foundation
import Store
import Synchronization
import Testing

/// What becomes of a group when its connection is lost (core of the promise: applied once, or known not to be).
@Suite("PostgreSQL, lost connections", TestSchema.isThere) struct LostConnectionTests {
    private static func insert(_ id: Int) -> Statement {
        Statement("INSERT INTO row (id) VALUES (?)", [.integer(id)])
    }

    /// Opens the schema as a node that has begun its incarnation.
    private static func node(_ schema: TestSchema, port: UInt16? = nil, reconnections: Int = 20) async throws -> PostgresDatabase {
        let database = try await schema.open(port: port, reconnections: reconnections)
        try await Migrator.migrate(database)
        try await database.migrate([Statement("CREATE TABLE IF NOT EXISTS row (id BIGINT PRIMARY KEY)")])
        let start = try await NodeStore.beginIncarnation(of: "main", in: database)
        database.setFence(NodeFence(node: "main", incarnation: start.incarnation))
        return database
    }

    private static func ids(_ database: PostgresDatabase) async throws -> [Int64] {
        try await database.read { try $0.rows("SELECT id FROM row ORDER BY id").map { try $0.integer(0) } }
    }

    private static func sequence(_ database: PostgresDatabase) async throws -> Int64? {
        try await database.read { try $0.row("SELECT batch_seq FROM node WHERE node = 'main'")?.integer(0) }
    }

    /// Ends a session as an administrator does, once it waits for a lock.
    private static func endSession(_ process: Int64, onceItWaitsBy other: PostgresDatabase) async throws {
        let waits = "SELECT COUNT(*) FROM pg_locks WHERE pid = ? AND NOT granted"
        while try await other.read({ try $0.row(waits, [.integer(process)])?.integer(0) }) == 0 {}
        try await other.apply([Statement("SELECT pg_terminate_backend(?)", [.integer(process)])])
    }

    private static func process(_ database: PostgresDatabase) async throws -> Int64 {
        try await database.apply([Statement("SELECT pg_backend_pid()")])[0].rows[0].integer(0)
    }

    @Test func aConnectionThatWasLostIdleIsMadeAgain() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.node(schema)
            let other = try await schema.open()
            for id in 0..<5 {
                let process = try await Self.process(database)
                try await other.apply([Statement("SELECT pg_terminate_backend(?)", [.integer(process)])])
                try await database.apply([Self.insert(id)])
            }
            #expect(try await Self.ids(database) == Array(0..<5))
            #expect(try await Self.sequence(database) == 10)
            await database.close()
            await other.close()
        }
    }

    @Test func aGroupThatIsInterruptedBeforeItsCommitIsRunAgain() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.node(schema)
            let other = try await schema.open()
            let process = try await Self.process(database)
            // The batch waits for a lock that a session of this test has.
            try await other.apply([Statement("SELECT pg_advisory_lock(hashtext(?))", [.text(schema.name)])])
            async let results = database.apply([
                Self.insert(1), Statement("SELECT pg_advisory_xact_lock(hashtext(?))", [.text(schema.name)]), Self.insert(2),
            ])
            try await Self.endSession(process, onceItWaitsBy: other)
            try await other.apply([Statement("SELECT pg_advisory_unlock(hashtext(?))", [.text(schema.name)])])
            #expect(try await results.map(\.changes) == [1, 0, 1])
            #expect(try await Self.ids(database) == [1, 2])
            #expect(try await Self.sequence(database) == 2)
            await database.close()
            await other.close()
        }
    }

    @Test func aCommitThatWasInterruptedAndNotAppliedIsRunAgain() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.node(schema)
            let other = try await schema.open()
            // The commit itself waits for a lock.
            try await database.migrate([
                Statement(
                    """
                    CREATE FUNCTION wait() RETURNS TRIGGER LANGUAGE plpgsql AS $$
                    BEGIN PERFORM pg_advisory_xact_lock(hashtext('\(schema.name)')); RETURN NULL; END $$
                    """),
                Statement(
                    """
                    CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON row DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION wait()
                    """),
            ])
            let process = try await Self.process(database)
            let before = try await Self.sequence(database)
            try await other.apply([Statement("SELECT pg_advisory_lock(hashtext(?))", [.text(schema.name)])])
            async let results = database.apply([Self.insert(1)])
            try await Self.endSession(process, onceItWaitsBy: other)
            try await other.apply([Statement("SELECT pg_advisory_unlock(hashtext(?))", [.text(schema.name)])])
            #expect(try await results.map(\.changes) == [1])
            #expect(try await Self.ids(database) == [1])
            #expect(try await Self.sequence(database) == before.map { $0 + 1 })
            await database.close()
            await other.close()
        }
    }

    @Test func aCommitWhoseAnswerIsLostIsFoundAppliedAndAnswered() async throws {
        try await TestSchema.with { schema in
            let proxy = try CuttingProxy(server: try schema.serverPort)
            let database = try await Self.node(schema, port: proxy.port)
            let other = try await schema.open()
            for id in 0..<5 {
                proxy.cut(.atAnswerToCommit)
                let results = try await database.apply([Self.insert(id), Statement("DELETE FROM row WHERE id < 0 RETURNING id")])
                #expect(results.map(\.changes) == [1, 0])
            }
            #expect(proxy.cuts == 5)
            #expect(try await Self.ids(other) == Array(0..<5))
            #expect(try await Self.sequence(other) == 5)
            await database.close()
            await other.close()
            proxy.close()
        }
    }

    @Test func aCommitThatNobodyCanAskAboutIsUnknownAndNothingIsWrittenAfterIt() async throws {
        try await TestSchema.with { schema in
            let proxy = try CuttingProxy(server: try schema.serverPort)
            let database = try await Self.node(schema, port: proxy.port, reconnections: 2)
            let other = try await schema.open()
            proxy.cut(.forGoodAtAnswerToCommit)
            let error = await #expect(throws: StoreError.self) { try await database.apply([Self.insert(1)]) }
            #expect(error?.code == .unavailable)
            #expect(error?.outcome == .unknown)
            proxy.refuse(false)
            let later = await #expect(throws: StoreError.self) { try await database.apply([Self.insert(2)]) }
            #expect(later?.code == .closed)
            #expect(later?.outcome == .notApplied)
            #expect(try await Self.ids(other) == [1])
            await database.close()
            await other.close()
            proxy.close()
        }
    }

    @Test func aServerThatIsAwayFailsBatchesAndTakesThemAgainWhenItIsBack() async throws {
        try await TestSchema.with { schema in
            let proxy = try CuttingProxy(server: try schema.serverPort)
            let database = try await Self.node(schema, port: proxy.port, reconnections: 2)
            try await database.apply([Self.insert(1)])
            #expect(try await Self.ids(database) == [1])
            proxy.refuse(true)
            for _ in 0..<2 {
                let error = await #expect(throws: StoreError.self) { try await database.apply([Self.insert(2)]) }
                #expect(error?.code == .unavailable)
                #expect(error?.outcome == .notApplied)
                await #expect(throws: StoreError.self) { try await Self.ids(database) }
            }
            proxy.refuse(false)
            try await database.apply([Self.insert(3)])
            #expect(try await Self.ids(database) == [1, 3])
            await database.close()
            proxy.close()
        }
    }

    @Test func whoeverIsReplacedWhileItsCommitIsOpenIsFenced() async throws {
        try await TestSchema.with { schema in
            let proxy = try CuttingProxy(server: try schema.serverPort)
            let database = try await Self.node(schema, port: proxy.port)
            let other = try await schema.open()
            // The successor begins with the very commit whose answer is lost.
            try await other.migrate([
                Statement(
                    """
                    CREATE FUNCTION succeed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
                    BEGIN UPDATE node SET incarnation = incarnation + 1, batch_seq = 0; RETURN NULL; END $$
                    """),
                Statement(
                    """
                    CREATE CONSTRAINT TRIGGER succeed AFTER INSERT ON row DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION succeed()
                    """),
            ])
            proxy.cut(.atAnswerToCommit)
            let error = await #expect(throws: StoreError.self) { try await database.apply([Self.insert(1)]) }
            #expect(proxy.cuts == 1)
            #expect(error?.code == .fenced)
            #expect(error?.outcome == .unknown)
            let later = await #expect(throws: StoreError.self) { try await database.apply([Self.insert(2)]) }
            #expect(later?.code == .fenced)
            #expect(try await Self.ids(other) == [1])
            await database.close()
            await other.close()
            proxy.close()
        }
    }

    @Test func aReaderThatWasLostIsReplaced() async throws {
        try await TestSchema.with { schema in
            let database = try await Self.node(schema)
            let other = try await schema.open()
            let process = "SELECT pg_backend_pid()"
            for _ in 0..<6 {
                let reader = try await database.read { try $0.row(process)?.integer(0) }
                try await other.apply([Statement("SELECT pg_terminate_backend(?)", [.integer(reader)])])
            }
            #expect(try await Self.ids(database) == [])
            // In the middle of a read its view is lost: that read fails, the next one does not.
            let error = await #expect(throws: StoreError.self) {
                try await database.read { transaction in
                    try transaction.rows("SELECT pg_terminate_backend(pg_backend_pid())")
                }
            }
            #expect(error?.code == .unavailable)
            #expect(try await Self.ids(database) == [])
            await database.close()
            await other.close()
        }
    }
}
