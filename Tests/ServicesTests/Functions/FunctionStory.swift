import AWSProtocols
import ByteCoding
import DatabaseSQLite
import Engine
import Foundation
import FunctionCode
import FunctionRuntimes
import JSONCore
import Logging
import SecretEncryption
import Services
import Store
import Synchronization
import TimeSource

/// A function service over a database and a code store of its own, with a pool that answers as told and remembers what it was asked.
final class FunctionStory: Sendable {
    static let account = "000000000000"
    static let region = "us-east-1"

    struct Run: Sendable {
        let specification: FunctionSpecification
        let invocation: FunctionInvocation
    }

    let folder: String
    let database: SQLiteDatabase
    let clock = ManualClock()
    let directory: FunctionDirectory
    let events: FunctionEvents
    private let registry: OperationRegistry
    private let pool: FakePool

    /// The pool, as far as a service sees it.
    private final class FakePool: Sendable {
        let runs = Mutex<[Run]>([])
        let retired = Mutex<[String]>([])
        let outcome: InvocationOutcome

        init(outcome: InvocationOutcome) { self.outcome = outcome }

        var runner: FunctionRunner {
            FunctionRunner(
                invoke: { [self] specification, invocation in
                    runs.withLock { $0.append(Run(specification: specification, invocation: invocation)) }
                    return InvocationResult(outcome: outcome, logTail: Array("the log".utf8), report: nil)
                }, retire: { [self] arn in retired.withLock { $0.append(arn) } })
        }
    }

    init(outcome: InvocationOutcome = .success(payload: Array("1".utf8))) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "nightshift-functions-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        database = try await SQLiteDatabase.open(path: folder + "/nightshift.db")
        try await Migrator.migrate(database)
        let engineClock = EngineClock(source: clock, highWaterMark: .epoch)
        let random = SeededRandomSource(seed: 7)
        let identifiers = IdentifierSource(clock: clock, random: random)
        let vault = try SecretVault(masterKeyFile: folder + "/master.key", store: AccountDataKeys(database: database))
        let code = try CodeStore(directory: folder + "/code")
        directory = FunctionDirectory(database: database, vault: vault, code: code, region: FunctionStory.region)
        pool = FakePool(outcome: outcome)
        events = FunctionEvents(directory: directory, runner: pool.runner, region: FunctionStory.region)
        let queue = DeliveryQueue(database: database, clock: engineClock, performers: [], logger: FunctionStory.logger)
        var registry = OperationRegistry()
        FunctionService(
            FunctionService.Dependencies(
                database: database, vault: vault, directory: directory, code: code,
                links: CodeLinks(clock: clock, random: random), runner: pool.runner, deliveries: queue, clock: engineClock,
                identifiers: identifiers, region: FunctionStory.region, maximumConcurrency: 32)
        ).register(in: &registry)
        self.registry = registry
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static var logger: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }
    static func arn(_ name: String) -> String { "arn:aws:lambda:\(region):\(account):function:\(name)" }

    var runs: [Run] { pool.runs.withLock { $0 } }
    var retired: [String] { pool.retired.withLock { $0 } }

    @discardableResult
    func call(_ operation: String, _ input: APIStructure, request: String = "r", dedupeKey: String? = nil) async throws -> APIStructure {
        guard let entry = registry.entry(service: "lambda", operation: operation) else { throw APIError.unknownOperation(operation) }
        let context = RequestContext(
            requestID: request, account: FunctionStory.account, region: FunctionStory.region,
            principal: Principal(accessKeyID: "AKIA", arn: "arn:aws:iam::000000000000:user/admin", name: "admin"),
            receivedAt: clock.now, endpoint: "http://nightshift:7070", logger: FunctionStory.logger, dedupeKey: dedupeKey)
        return try await entry.handler(context, input)
    }

    /// The error of a call that must fail.
    func error(_ operation: String, _ input: APIStructure) async -> APIError? {
        do {
            _ = try await call(operation, input)
            return nil
        } catch {
            return error as? APIError
        }
    }

    /// Creates a function; `change` alters the request.
    @discardableResult
    func create(_ name: String, _ change: APIStructure = [:]) async throws -> APIStructure {
        var input: APIStructure = [
            "FunctionName": .string(name), "Runtime": "python3.12", "Role": "arn:aws:iam::000000000000:role/batch",
            "Handler": "index.handler", "Code": ["ZipFile": .blob(FunctionStory.archive)],
        ]
        for member in change.members { input[member.name] = member.value }
        return try await call("CreateFunction", input)
    }

    func deliveries() async throws -> [DeliveryRecord] {
        let ids = try await database.read {
            try DeliveryStore.backlog(kind: FunctionDelivery.kind, from: "", now: Timestamp(milliseconds: .max), limit: 100, in: $0)
        }
        return try await database.read { transaction in
            try ids.compactMap { try DeliveryStore.due($0, now: Timestamp(milliseconds: .max), in: transaction) }
        }
    }

    /// A ZIP archive with the file `index.py`, stored, which has the text `x`.
    static let archive: [UInt8] =
        Base64.decode(
            "UEsDBBQAAAAAAAAAIQCDFtyMAQAAAAEAAAAIAAAAaW5kZXgucHl4UEsBAhQDFAAAAAAAAAAhAIMW3IwBAAAAAQAAAAgAAAAAAAAAAAAAAKSBAAAAAGluZGV4LnB5UEsFBgAAAAABAAEANgAAACcAAAAAAA=="
                .utf8) ?? []
}
