import AWSProtocols
import DatabaseSQLite
import Engine
import Foundation
import JSONCore
import Logging
import Services
import Store
import TimeSource

/// A topic service over a database of its own. Deliveries stay in their table, where tests read them.
final class TopicStory: Sendable {
    static let account = "000000000000"
    static let region = "us-east-1"

    let directory: String
    let database: SQLiteDatabase
    let clock = ManualClock()
    let publisher: TopicPublisher
    let queues: StoryQueues
    private let registry: OperationRegistry

    init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "nightshift-topics-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        database = try await SQLiteDatabase.open(path: directory + "/nightshift.db")
        try await Migrator.migrate(database)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let engineClock = EngineClock(source: clock, highWaterMark: .epoch)
        let identifiers = IdentifierSource(clock: clock, random: SeededRandomSource(seed: 7))
        // It never runs, so nothing leaves.
        let queue = DeliveryQueue(database: database, clock: engineClock, performers: [], logger: logger)
        queues = StoryQueues(database: database)
        publisher = TopicPublisher(
            database: database, queues: queues, deliveries: queue, clock: engineClock, identifiers: identifiers, region: TopicStory.region,
            logger: logger)
        var registry = OperationRegistry()
        TopicService(
            database: database, publisher: publisher, deliveries: queue, clock: engineClock, identifiers: identifiers,
            region: TopicStory.region
        ).register(in: &registry)
        self.registry = registry
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    static func arn(_ name: String) -> String { "arn:aws:sns:\(region):\(account):\(name)" }

    /// Calls an operation as the account's user, or as nobody.
    @discardableResult
    func call(_ operation: String, _ input: APIStructure, account: String = TopicStory.account, isSigned: Bool = true) async throws
        -> APIStructure
    {
        guard let entry = registry.entry(service: "sns", operation: operation) else { throw APIError.unknownOperation(operation) }
        precondition(isSigned || entry.options.allowsUnsigned, "\(operation) needs a signature")
        let principal = Principal(accessKeyID: "AKIA", arn: "arn:aws:iam::\(account):user/admin", name: "admin")
        let context = RequestContext(
            requestID: "r", account: isSigned ? account : "", region: TopicStory.region, principal: isSigned ? principal : .anonymous,
            receivedAt: clock.now, endpoint: "http://nightshift:7070",
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        return try await entry.handler(context, input)
    }

    /// The error of a call that must fail.
    func error(_ operation: String, _ input: APIStructure, account: String = TopicStory.account, isSigned: Bool = true) async -> APIError? {
        do {
            _ = try await call(operation, input, account: account, isSigned: isSigned)
            return nil
        } catch {
            return error as? APIError
        }
    }

    /// Creates a topic with one confirmed subscription, and answers the subscription's ARN.
    func subscribed(
        _ topic: String = "alerts", by way: String = "email", _ endpoint: String = "ops@example.com", attributes: [(String, String)] = []
    ) async throws -> String {
        try await call("CreateTopic", ["Name": .string(topic)])
        let answer = try await call(
            "Subscribe",
            [
                "TopicArn": .string(TopicStory.arn(topic)), "Protocol": .string(way), "Endpoint": .string(endpoint),
                "Attributes": .stringMap(attributes), "ReturnSubscriptionArn": true,
            ])
        if way != "lambda", way != "sqs" {
            try await call(
                "ConfirmSubscription", ["TopicArn": .string(TopicStory.arn(topic)), "Token": .string(try await token(of: endpoint))])
        }
        try await forgetDeliveries()
        return answer.string("SubscriptionArn") ?? ""
    }

    /// The token that was sent to an endpoint.
    func token(of endpoint: String) async throws -> String {
        try await database.read { try $0.row("SELECT token FROM subscription WHERE endpoint = ?", [.text(endpoint)])?.text(0) } ?? ""
    }

    /// The deliveries made so far, oldest first.
    func deliveries() async throws -> [(kind: String, body: [UInt8])] {
        try await database.read { try $0.rows("SELECT kind, body FROM delivery ORDER BY id").map { (try $0.text(0), try $0.blob(1)) } }
    }

    func mails() async throws -> [MailDelivery] {
        try await deliveries().filter { $0.kind == MailDelivery.kind }.compactMap { MailDelivery(encoded: $0.body) }
    }

    func forgetDeliveries() async throws {
        try await database.apply([Statement("DELETE FROM delivery")])
    }
}
