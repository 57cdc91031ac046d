import DatabaseSQLite
import Engine
import Foundation
import Logging
import Store
import Synchronization
import Testing
import TimeSource

/// A data directory in which a server's deliveries can be started, crashed and started again.
final class DeliveryStory: Sendable {
    let directory: String
    let source = ManualClock()

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "nightshift-deliveries-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// One life of the server: it ends without any farewell when `body` returns.
    func life(
        _ performers: any DeliveryPerformer..., capacity: Int = 10_000, _ body: (Life) async throws -> Void
    ) async throws {
        let database = try await SQLiteDatabase.open(path: directory + "/nightshift.db")
        try await Migrator.migrate(database)
        let queue = DeliveryQueue(
            database: database, clock: EngineClock(source: source, highWaterMark: .epoch), performers: performers, capacity: capacity,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await queue.run() }
            try await body(Life(database: database, queue: queue, clock: source))
            group.cancelAll()
        }
        await database.close()
    }
}

/// What a test does while the server lives.
struct Life: Sendable {
    let database: SQLiteDatabase
    let queue: DeliveryQueue
    let clock: ManualClock

    /// Commits deliveries and offers them, as producers do.
    func accept(_ ids: String..., kind: String = "mail", body: [UInt8] = []) async throws {
        let records = ids.map { DeliveryRecord(id: $0, account: "000000000000", kind: kind, createdAt: clock.now, body: body) }
        try await database.apply(records.map { DeliveryStore.add($0) })
        queue.offer(records)
    }

    /// The deliveries that are not done, with their state.
    func waiting() async throws -> [String] {
        try await database.read { try $0.rows("SELECT id, state, attempts FROM delivery ORDER BY id") }
            .map { "\(try $0.text(0)) \(try $0.text(1)) \(try $0.integer(2))" }
    }

    /// Returns once the deliveries that are not done are these.
    func waits(for expected: [String], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for _ in 0..<200_000 {
            if try await waiting() == expected { return }
            await Task.yield()
        }
        #expect(try await waiting() == expected, sourceLocation: sourceLocation)
    }

    /// Returns once so many deliveries wait for a time.
    func postponed(_ count: Int) async throws {
        for _ in 0..<200_000 {
            let rows = try await database.read { try $0.rows("SELECT id FROM delivery WHERE next_at IS NOT NULL AND state = 'pending'") }
            if rows.count == count { return }
            await Task.yield()
        }
        Issue.record("not \(count) deliveries are postponed")
    }

    /// Lets time pass while `body` waits for something, and answers what it got and how long that took.
    func whileTimePasses<Value: Sendable>(_ body: @Sendable @escaping () async -> Value) async -> (Value, Duration) {
        let start = clock.now
        return await withTaskGroup(of: (Value, Duration)?.self) { group in
            group.addTask { (await body(), clock.now - start) }
            group.addTask {
                while !Task.isCancelled {
                    clock.advance(by: .milliseconds(100))
                    await Task.yield()
                }
                return nil
            }
            guard let result = await group.next() ?? nil else { preconditionFailure("time passes until the body has ended") }
            group.cancelAll()
            return result
        }
    }

    func failed() async throws -> [FailedDelivery] {
        try await database.read { try DeliveryStore.failed(account: "000000000000", before: nil, limit: 100, in: $0) }
    }
}

/// A performer that does what the test says and shows each attempt.
final class ScriptedPerformer: DeliveryPerformer {
    enum Answer: Sendable {
        case outcome(DeliveryOutcome)
        /// Never answers, until the server dies.
        case hang
    }

    let kind: String
    let effectClass: EffectClass
    let concurrency: Int
    /// Each attempt, as `id attempts`.
    let attempts: AsyncStream<String>
    private let attempted: AsyncStream<String>.Continuation
    private let answer: @Sendable (DeliveryRecord) -> Answer
    private let unknown: DeliveryOutcome

    init(
        kind: String = "mail", _ effectClass: EffectClass = .deduplicated, concurrency: Int = 10,
        unknown: DeliveryOutcome = .tryAgain(after: .zero, reason: "unknown"),
        _ answer: @escaping @Sendable (DeliveryRecord) -> Answer = { _ in .outcome(.delivered) }
    ) {
        self.kind = kind
        self.effectClass = effectClass
        self.concurrency = concurrency
        self.unknown = unknown
        self.answer = answer
        (attempts, attempted) = AsyncStream.makeStream()
    }

    func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        attempted.yield("\(delivery.id) \(delivery.attempts)")
        switch answer(delivery) {
        case .outcome(let outcome): return outcome
        case .hang:
            let (never, keep) = AsyncStream<Void>.makeStream()
            for await _ in never {}
            keep.finish()
            return .tryAgain(after: .seconds(1), reason: "cut off")
        }
    }

    func unknownOutcome(of delivery: DeliveryRecord, now: Timestamp) -> DeliveryOutcome { unknown }

    /// The next attempt.
    func next() async -> String? {
        var iterator = attempts.makeAsyncIterator()
        return await iterator.next()
    }
}
