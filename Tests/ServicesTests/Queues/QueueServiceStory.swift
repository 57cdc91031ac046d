import AWSProtocols
import DatabaseSQLite
import Engine
import Foundation
import Logging
import Services
import Store
import TimeSource

/// The SQS API over queues in a database of its own.
final class QueueServiceStory: Sendable {
    static let account = "000000000000"

    private let directory: String
    let database: SQLiteDatabase
    let clock = ManualClock()
    private let registry: OperationRegistry

    private init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "nightshift-sqs-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        database = try await SQLiteDatabase.open(path: directory + "/nightshift.db")
        try await Migrator.migrate(database)
        let random = SeededRandomSource(seed: 3)
        let identifiers = IdentifierSource(clock: clock, random: random)
        let engine = try await QueueEngine.load(
            from: database, region: "us-east-1", clock: EngineClock(source: clock, highWaterMark: .epoch), identifiers: identifiers,
            random: random, logger: QueueServiceStory.logger)
        var registry = OperationRegistry()
        QueueService(database: database, queues: engine, identifiers: identifiers).register(in: &registry)
        self.registry = registry
        self.engine = engine
    }

    private let engine: QueueEngine
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Runs `body` while the queues live.
    static func tell(_ body: (QueueServiceStory) async throws -> Void) async throws {
        let story = try await QueueServiceStory()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await story.engine.run() }
            defer { group.cancelAll() }
            try await body(story)
        }
        await story.database.close()
        try? FileManager.default.removeItem(atPath: story.directory)
    }

    /// Calls an operation as the account's user.
    /// - Parameter key: of a request that a part of the server may make again.
    @discardableResult
    func call(_ operation: String, _ input: APIStructure, key: String? = nil) async throws -> APIStructure {
        guard let entry = registry.entry(service: "sqs", operation: operation) else { throw APIError.unknownOperation(operation) }
        let account = QueueServiceStory.account
        let context = RequestContext(
            requestID: "r", account: account, region: "us-east-1",
            principal: Principal(accessKeyID: "AKIA", arn: "arn:aws:iam::\(account):user/admin", name: "admin"),
            receivedAt: clock.now, endpoint: "http://nightshift:7070", logger: QueueServiceStory.logger, dedupeKey: key)
        return try await entry.handler(context, input)
    }

    /// The error of a call that must fail, as `code: message`.
    func refusal(_ operation: String, _ input: APIStructure) async -> String? {
        do {
            try await call(operation, input)
            return nil
        } catch let error as APIError {
            return "\(error.code): \(error.message)"
        } catch {
            return "\(error)"
        }
    }

    /// The URL of a new queue.
    func queue(_ name: String, _ attributes: APIStructure = [:]) async throws -> APIValue {
        var attributes = attributes
        if name.hasSuffix(".fifo") { attributes["FifoQueue"] = "true" }
        let output = try await call("CreateQueue", ["QueueName": .string(name), "Attributes": .structure(attributes)])
        return output["QueueUrl"] ?? .null
    }

    /// The messages of one receive.
    func receive(_ url: APIValue) async throws -> [APIStructure] {
        try await call(
            "ReceiveMessage",
            ["QueueUrl": url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"]]
        ).structures("Messages")
    }
}
