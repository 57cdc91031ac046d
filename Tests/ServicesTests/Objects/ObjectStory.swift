import AWSProtocols
import DatabaseSQLite
import Engine
import Foundation
import JSONCore
import Logging
import ObjectStorage
import Store
import TimeSource

@testable import Services

/// The S3 operations over a database and a folder of their own. Deliveries stay in their table, where tests read them.
final class ObjectStory: Sendable {
    static let account = TopicStory.account
    static let region = TopicStory.region

    let database: SQLiteDatabase
    let clock = ManualClock()
    let queues: StoryQueues
    let repository: ObjectRepository
    let ownEvents: OwnEvents
    private let directory: String
    private let region: String
    private let registry: OperationRegistry

    init(region: String = ObjectStory.region) async throws {
        self.region = region
        directory = FileManager.default.temporaryDirectory.appending(path: "nightshift-objects-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        database = try await SQLiteDatabase.open(path: directory + "/nightshift.db")
        try await Migrator.migrate(database)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let engineClock = EngineClock(source: clock, highWaterMark: .epoch)
        let random = SeededRandomSource(seed: 7)
        let identifiers = IdentifierSource(clock: clock, random: random)
        queues = StoryQueues(database: database)
        ownEvents = OwnEvents(clock: engineClock, identifiers: identifiers, region: region)
        // It never runs, so nothing leaves.
        let deliveries = DeliveryQueue(database: database, clock: engineClock, performers: [], logger: logger)
        let publisher = TopicPublisher(
            database: database, queues: queues, deliveries: deliveries, clock: engineClock, identifiers: identifiers, region: region,
            logger: logger)
        let announcer = ObjectAnnouncer(
            database: database, queues: queues, ownEvents: ownEvents, clock: engineClock, identifiers: identifiers, logger: logger)
        repository = ObjectRepository(
            files: try await ObjectFiles.open(directory: directory + "/objects", digestThreads: 2, random: random), database: database,
            committer: announcer, clock: clock, identifiers: identifiers, random: random, logger: logger)
        var registry = OperationRegistry()
        ObjectService(
            repository: repository,
            destinations: ObjectNotificationDestinations(
                announcer: announcer, database: database, queues: queues, publisher: publisher, clock: clock, identifiers: identifiers)
        ).register(in: &registry)
        TopicService(
            database: database, publisher: publisher, deliveries: deliveries, clock: engineClock, identifiers: identifiers,
            region: region
        ).register(in: &registry)
        self.registry = registry
    }

    deinit {
        repository.files.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func context(_ account: String) -> RequestContext {
        RequestContext(
            requestID: "request", account: account, region: region,
            principal: Principal(accessKeyID: "AKIA", arn: "arn:aws:iam::\(account):user/admin", name: "admin"), receivedAt: clock.now,
            endpoint: "http://nightshift:7070", logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Calls an operation as a user of an account; bodies are blobs.
    @discardableResult
    func call(
        _ operation: String, _ input: APIStructure, account: String = ObjectStory.account, service: String = "s3"
    ) async throws -> APIStructure {
        guard let entry = registry.entry(service: service, operation: operation) else { throw APIError.unknownOperation(operation) }
        return try await entry.handler(context(account), input)
    }

    /// Calls an operation with a streamed body.
    func stream(_ operation: String, _ input: APIStructure, _ body: any StreamedInputBody) async throws -> StreamedOutput {
        guard let handler = registry.entry(service: "s3", operation: operation)?.streamed else {
            throw APIError.unknownOperation(operation)
        }
        return try await handler(context(ObjectStory.account), input, body)
    }

    /// The error of a call that must fail.
    func error(_ operation: String, _ input: APIStructure, account: String = ObjectStory.account) async -> APIError? {
        do {
            _ = try await call(operation, input, account: account)
            return nil
        } catch {
            return error as? APIError ?? APIError("\(error)", "")
        }
    }

    /// Makes the bucket `bucket`.
    func bucket() async throws { try await call("CreateBucket", ["Bucket": "bucket"]) }

    /// Puts an object into it.
    @discardableResult
    func put(_ key: String, _ text: String = "text", _ more: APIStructure = [:]) async throws -> APIStructure {
        try await call("PutObject", ObjectStory.input(key, more, ["Body": .blob(Array(text.utf8))]))
    }

    /// Gets an object of it.
    func get(_ key: String, _ more: APIStructure = [:]) async throws -> APIStructure {
        try await call("GetObject", ObjectStory.input(key, more))
    }

    /// The text of an object.
    func text(_ key: String, _ more: APIStructure = [:]) async throws -> String {
        String(decoding: try await get(key, more).blob("Body") ?? [], as: UTF8.self)
    }

    /// The input of an operation on an object of the bucket.
    static func input(_ key: String, _ more: APIStructure...) -> APIStructure {
        var input: APIStructure = ["Bucket": "bucket", "Key": .string(key)]
        for members in more { for member in members.members { input[member.name] = member.value } }
        return input
    }

    /// The deliveries made so far, oldest first.
    func deliveries() async throws -> [(kind: String, body: [UInt8])] {
        try await database.read { try $0.rows("SELECT kind, body FROM delivery ORDER BY id").map { (try $0.text(0), try $0.blob(1)) } }
    }
}
