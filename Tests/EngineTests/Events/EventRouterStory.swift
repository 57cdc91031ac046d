import DatabaseSQLite
import Engine
import Foundation
import JSONCore
import Logging
import Store
import Synchronization
import TestSupport
import Testing
import TimeSource

/// A data directory in which a router of events can be started, crashed and started again, on manual time.
final class EventRouterStory: Sendable {
    static let account = "000000000000"
    static let queue = QueueName(account: account, name: "orders")
    static let queueARN = queue.arn(region: "us-east-1")
    static let machineARN = "arn:aws:states:us-east-1:000000000000:stateMachine:order"
    let directory: String
    let clock = ManualClock(now: Timestamp(milliseconds: 1_795_212_000_000))
    /// Every delivery that arrived, over all lives.
    let arrived = Mutex<[DeliveryRecord]>([])

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "nightshift-events-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// One life of the server: it ends without any farewell when `body` returns.
    @discardableResult
    func life<Value>(_ body: (EventRouterLife) async throws -> Value) async throws -> Value {
        let database = try await SQLiteDatabase.open(path: directory + "/nightshift.db")
        try await Migrator.migrate(database)
        let value = try await body(EventRouterLife(story: self, database: database))
        await database.close()
        return value
    }
}

/// What a test does while the server lives.
struct EventRouterLife: Sendable {
    let story: EventRouterStory
    let database: FaultyDatabase
    let queues: QueueDouble
    let deliveries: DeliveryQueue
    let router: EventRouter

    init(story: EventRouterStory, database: any Database) {
        self.story = story
        self.database = FaultyDatabase(database)
        queues = QueueDouble(database: self.database)
        queues.make(EventRouterStory.queue)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let clock = EngineClock(source: story.clock, highWaterMark: .epoch)
        let kinds = [RuleTargetDelivery.kind, RuleTargetDelivery.apiDestinationKind, FunctionDelivery.kind]
        deliveries = DeliveryQueue(
            database: self.database, clock: clock, performers: kinds.map { WorldPerformer(kind: $0, story: story) }, queues: queues,
            logger: logger)
        router = EventRouter(
            database: self.database, queues: queues, clock: clock,
            identifiers: IdentifierSource(clock: story.clock, random: SeededRandomSource(seed: 1)), region: "us-east-1", logger: logger)
        router.connect(to: deliveries)
    }

    /// Creates a bus as CreateEventBus does.
    func createBus(_ name: String) async throws {
        let now = story.clock.now
        try await database.apply([
            BusStore.create(BusRecord(account: EventRouterStory.account, name: name, createdAt: now, modifiedAt: now))
        ])
        router.changed(bus: name, account: EventRouterStory.account)
    }

    /// Creates a rule with targets, as PutRule and PutTargets do: by id, ARN and settings.
    @discardableResult
    func putRule(
        _ name: String, _ pattern: String, bus: String = "default", state: RuleRecord.State = .enabled,
        targets: [(id: String, arn: String, settings: JSONObject)] = [("queue", EventRouterStory.queueARN, [:])]
    ) async throws -> RuleRecord {
        let now = story.clock.now
        let rule = RuleRecord(
            id: "rule-\(bus)-\(name)", account: EventRouterStory.account, bus: bus, name: name, state: state, scheduleExpression: nil,
            eventPattern: Array(pattern.utf8), description: nil, roleARN: nil, anchorAt: now, createdAt: now)
        let records = targets.map { target in
            RuleTargetRecord(
                rule: rule.id, id: target.id, arn: target.arn, settings: JSONWriter.bytes(of: .object(target.settings)))
        }
        try await database.apply([RuleStore.create(rule)] + records.map { RuleTargetStore.put($0) })
        router.changed(bus: bus, account: EventRouterStory.account)
        return rule
    }

    /// An event of the shop.
    func event(_ id: String = "event-1", bus: String = "default", source: String = "shop", _ detail: JSONValue = ["order": 1]) -> BusEvent {
        BusEvent(
            id: id, account: EventRouterStory.account, bus: bus, source: source, detailType: "Order Placed", time: story.clock.now,
            resources: ["arn:order"], detail: detail, region: "us-east-1")
    }

    /// The deliveries that have not arrived, by id.
    func waiting() async throws -> [DeliveryRecord] {
        try await database.read { transaction in
            try transaction.rows("SELECT id FROM delivery ORDER BY id").compactMap {
                try DeliveryStore.due(try $0.text(0), now: Timestamp(milliseconds: .max), in: transaction)
            }
        }
    }

    /// The deliveries that were given up.
    func failed() async throws -> [FailedDelivery] {
        try await database.read {
            try DeliveryStore.failed(account: EventRouterStory.account, before: nil, limit: 100, in: $0)
        }
    }

    /// Runs the deliveries' queue until a condition holds.
    func deliver(until condition: () async throws -> Bool) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await deliveries.run() }
            try await eventually(condition)
            group.cancelAll()
        }
    }
}

/// Takes deliveries and writes them into the story; those whose target has `broken` in its ARN fail for good.
private struct WorldPerformer: DeliveryPerformer {
    let kind: String
    let story: EventRouterStory
    let effectClass = EffectClass.deduplicated
    let concurrency = 10

    func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        if let event = RuleTargetDelivery(encoded: delivery.body), event.targetARN.contains("broken") {
            return event.outcome(
                of: RuleTargetFailure(.noResource, "It is broken."), delivery, now: now, random: SeededRandomSource(seed: 1))
        }
        story.arrived.withLock { $0.append(delivery) }
        return .delivered
    }
}
