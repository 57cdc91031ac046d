import AWSProtocols
import DatabaseSQLite
import Engine
import Foundation
import Logging
import Services
import Store
import TestSupport
import TimeSource

/// A rule service over a database of its own, on manual time.
final class RuleStory: Sendable {
    static let account = "000000000000"
    static let region = "us-east-1"

    let directory: String
    let database: SQLiteDatabase
    let clock = ManualClock()
    let queues: QueueDouble
    private let registry: OperationRegistry

    init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "nightshift-rules-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        database = try await SQLiteDatabase.open(path: directory + "/nightshift.db")
        try await Migrator.migrate(database)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let engineClock = EngineClock(source: clock, highWaterMark: .epoch)
        let queue = DeliveryQueue(database: database, clock: engineClock, performers: [], logger: logger)
        let ticker = ScheduleTicker(
            database: database, clock: engineClock, deliveries: queue, region: RuleStory.region, logger: logger)
        let identifiers = IdentifierSource(clock: clock, random: SeededRandomSource(seed: 7))
        queues = QueueDouble(database: database)
        let router = EventRouter(
            database: database, queues: queues, clock: engineClock, identifiers: identifiers, region: RuleStory.region, logger: logger)
        router.connect(to: queue)
        var registry = OperationRegistry()
        RuleService(database: database, ticker: ticker, router: router, clock: clock, identifiers: identifiers).register(in: &registry)
        self.registry = registry
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Calls an operation as a user of an account.
    @discardableResult
    func call(_ operation: String, _ input: APIStructure, account: String = RuleStory.account, dedupeKey: String? = nil) async throws
        -> APIStructure
    {
        guard let entry = registry.entry(service: "events", operation: operation) else { throw APIError.unknownOperation(operation) }
        return try await entry.handler(
            RequestContext(
                requestID: "r", account: account, region: RuleStory.region,
                principal: Principal(accessKeyID: "AKIA", arn: "arn:aws:iam::\(account):user/admin", name: "admin"),
                receivedAt: clock.now, endpoint: "http://nightshift:7070",
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), dedupeKey: dedupeKey), input)
    }

    /// The error of a call that must fail, as `code: message`.
    func error(_ operation: String, _ input: APIStructure, account: String = RuleStory.account) async -> String? {
        do {
            _ = try await call(operation, input, account: account)
            return nil
        } catch {
            return (error as? APIError).map { "\($0.code): \($0.message)" } ?? "\(error)"
        }
    }

    /// The seconds until each schedule is due.
    func due() async throws -> [Int64] {
        let now = clock.now
        return try await database.read { try ScheduleStore.due(limit: 100, in: $0).map { $0.at.seconds - now.seconds } }
    }
}
