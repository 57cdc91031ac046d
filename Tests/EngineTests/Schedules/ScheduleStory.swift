import DatabaseSQLite
import Engine
import Foundation
import JSONCore
import Logging
import Store
import Synchronization
import Testing
import TimeSource

/// A data directory in which a server's schedules can be started, crashed and started again, on manual time.
final class ScheduleStory: Sendable {
    static let account = "000000000000"
    let directory: String
    let clock = ManualClock(now: Timestamp(milliseconds: 1_795_212_000_000))
    /// Every delivery that arrived, over all lives: what the world has seen.
    let arrived = Mutex<[DeliveryRecord]>([])

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "nightshift-schedules-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// One life of the server: it ends without any farewell when `body` returns.
    @discardableResult
    func life<Value>(_ body: (ScheduleLife) async throws -> Value) async throws -> Value {
        let database = try await SQLiteDatabase.open(path: directory + "/nightshift.db")
        try await Migrator.migrate(database)
        let value = try await body(ScheduleLife(story: self, database: database))
        await database.close()
        return value
    }
}

/// What a test does while the server lives.
struct ScheduleLife: Sendable {
    let story: ScheduleStory
    let database: any Database
    let queue: DeliveryQueue
    let ticker: ScheduleTicker

    init(story: ScheduleStory, database: any Database) {
        self.story = story
        self.database = database
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let clock = EngineClock(source: story.clock, highWaterMark: .epoch)
        queue = DeliveryQueue(
            database: database, clock: clock,
            performers: [RuleTargetDelivery.kind, FunctionDelivery.kind].map { ArrivalPerformer(kind: $0, story: story) }, logger: logger)
        ticker = ScheduleTicker(database: database, clock: clock, deliveries: queue, region: "us-east-1", logger: logger)
    }

    /// Creates a rule with targets of these ids, as PutRule and PutTargets do.
    @discardableResult
    func putRule(
        _ name: String, _ expression: String, state: RuleRecord.State = .enabled, targets: [String: JSONObject] = ["one": [:]]
    ) async throws -> RuleRecord {
        let now = story.clock.now
        let rule = RuleRecord(
            id: "rule-\(name)", account: ScheduleStory.account, bus: "default", name: name, state: state,
            scheduleExpression: expression, eventPattern: nil, description: nil, roleARN: nil, anchorAt: now, createdAt: now)
        let records = targets.map { id, settings in
            RuleTargetRecord(
                rule: rule.id, id: id, arn: settings["Arn"]?.text ?? "arn:aws:sns:us-east-1:000000000000:night",
                settings: JSONWriter.bytes(of: .object(settings)))
        }
        try await database.apply([RuleStore.create(rule)] + rule.planning(from: now) + records.map { RuleTargetStore.put($0) })
        return rule
    }

    /// Changes a rule as EnableRule and DisableRule do.
    func setState(_ state: RuleRecord.State, of name: String) async throws {
        let found = try await database.read {
            try RuleStore.find(name: name, bus: "default", account: ScheduleStory.account, in: $0)
        }
        guard var rule = found else { return }
        rule.state = state
        if state == .enabled { rule.anchorAt = story.clock.now }
        try await database.apply([RuleStore.replace(rule)] + rule.planning(from: story.clock.now))
    }

    /// A rule's ticks: the seconds from the story's start to when they were due, and what became of them.
    func ticks(_ name: String) async throws -> [String] {
        let ticks = try await database.read {
            try ScheduleStore.ticks(of: "rule-\(name)", from: .epoch, limit: 100, in: $0)
        }
        return ticks.map { tick in
            let seconds = tick.due.seconds - 1_795_212_000
            return if case .missed = tick.outcome { "\(seconds) missed" } else { "\(seconds) fired" }
        }
    }

    /// The deliveries that have not arrived, by id.
    func waiting() async throws -> [DeliveryRecord] {
        try await database.read { transaction in
            try transaction.rows("SELECT id FROM delivery ORDER BY id").compactMap {
                try DeliveryStore.due(try $0.text(0), now: Timestamp(milliseconds: .max), in: transaction)
            }
        }
    }

    /// Runs the queue until everything has arrived.
    func deliver() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await queue.run() }
            try await eventually { try await waiting().isEmpty }
            group.cancelAll()
        }
    }
}

/// Returns once a condition holds; a failure when it never does.
func eventually(_ condition: () async throws -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    for _ in 0..<20_000 {
        if try await condition() { return }
        await Task.yield()
    }
    Issue.record("the condition never held", sourceLocation: sourceLocation)
}

/// Takes deliveries and writes them into the story.
private struct ArrivalPerformer: DeliveryPerformer {
    let kind: String
    let story: ScheduleStory
    let effectClass = EffectClass.deduplicated
    let concurrency = 10

    func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        story.arrived.withLock { $0.append(delivery) }
        return .delivered
    }
}

/// A database that loses the answers of some batches: they are applied, but whoever applied them is not told.
final class ForgetfulDatabase: Database {
    private let base: any Database
    private let losses = Mutex(0)

    init(_ base: any Database) { self.base = base }

    /// Loses the answers of the next batches.
    func loseAnswers(_ count: Int) { losses.withLock { $0 = count } }

    func apply(_ batch: [Statement], completion: @escaping @Sendable (Result<[StatementResult], StoreError>) -> Void) {
        let isLost = losses.withLock { losses in
            defer { losses = max(0, losses - 1) }
            return losses > 0
        }
        base.apply(batch) { completion(isLost ? .failure(StoreError(.unavailable, outcome: .unknown)) : $0) }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any ReadTransaction) throws -> Value) async throws -> Value {
        try await base.read(body)
    }

    func migrate(_ statements: [Statement]) async throws(StoreError) { try await base.migrate(statements) }

    func setFence(_ fence: NodeFence) { base.setFence(fence) }

    func close() async { await base.close() }
}
