import AWSProtocols
import AgentProtocol
import DatabaseSQLite
import Engine
import Foundation
import Logging
import Store
import TimeSource

@testable import Services

/// The operations on nodes over a database of their own, on manual time.
final class NodeStory: Sendable {
    static let account = "000000000000"

    /// Output goes nowhere.
    private struct NoLog: CommandOutputLog {
        func append(
            _ pieces: [OutputPiece], unlogged: [UInt8], logged: Int64, endedAt: Timestamp?, to destination: CommandLogDestination
        ) async throws -> (logged: Int64, unlogged: [UInt8]) {
            (pieces.last?.end ?? logged, [])
        }
    }

    let database: SQLiteDatabase
    let clock = ManualClock()
    let coordinator: CommandCoordinator
    let intake: InventoryIntake
    private let directory: String
    private let registry: OperationRegistry

    init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "nightshift-nodes-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        database = try await SQLiteDatabase.open(path: directory + "/nightshift.db")
        try await Migrator.migrate(database)
        let identifiers = IdentifierSource(clock: clock, random: SeededRandomSource(seed: 7))
        coordinator = try await CommandCoordinator(
            database: database, clock: EngineClock(source: clock, highWaterMark: .epoch), identifiers: identifiers,
            sessions: NodeSessions(clock: clock), log: NoLog(), region: "us-east-1",
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        intake = InventoryIntake(database: database, clock: clock)
        var registry = OperationRegistry()
        ActivationService(database: database, clock: clock, identifiers: identifiers).register(in: &registry)
        ManagedNodeService(database: database, coordinator: coordinator, clock: clock, agentVersion: "1.2.3").register(in: &registry)
        NodeSettingsService(database: database, coordinator: coordinator, clock: clock).register(in: &registry)
        InventoryService(database: database, clock: clock, identifiers: identifiers).register(in: &registry)
        InventoryQueryService(database: database, sessions: coordinator.sessions, clock: clock).register(in: &registry)
        ConfigQueryService(database: database, sessions: coordinator.sessions, clock: clock).register(in: &registry)
        self.registry = registry
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// The id of a node by its number.
    static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "mi-" + String(repeating: "0", count: 17 - digits.count) + digits
    }

    /// Enrols nodes of these numbers, with the facts of their host.
    func enrol(_ numbers: some Sequence<Int>, version: String = "1.2.3", account: String = NodeStory.account) async throws {
        let now = clock.now
        try await database.apply(
            numbers.flatMap { number in
                let facts = NodeFacts(hostname: "host-\(number)", ipAddress: "10.0.0.1", platformName: "Debian", agentVersion: version)
                let node = ManagedNodeRecord(
                    id: NodeStory.id(number), account: account, activation: "activation-\(number % 3)", publicKey: Array("\(account)\(number)".utf8),
                    name: nil, role: number.isMultiple(of: 2) ? "even" : "odd", facts: facts.bytes, toldTags: [], lastPingAt: now,
                    registeredAt: now, platformType: "Linux", agentVersion: version)
                return [
                    ManagedNodeStore.create(node), TagStore.set("rest", to: "\(number % 10)", of: node.id, account: account),
                ]
            })
    }

    /// Calls an operation.
    @discardableResult
    func call(
        _ operation: String, _ input: APIStructure = [:], service: String = "ssm", account: String = NodeStory.account,
        principal: String = "user/admin"
    ) async throws -> APIStructure {
        guard let entry = registry.entry(service: service, operation: operation) else { throw APIError.unknownOperation(operation) }
        let context = RequestContext(
            requestID: "r", account: account, region: "us-east-1",
            principal: Principal(accessKeyID: "AKIA", arn: "arn:aws:iam::\(account):\(principal)", name: "admin"), receivedAt: clock.now,
            endpoint: "http://nightshift:7070", logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        return try await entry.handler(context, input)
    }

    /// The code of the error of a call that must fail.
    func error(
        _ operation: String, _ input: APIStructure = [:], service: String = "ssm", principal: String = "user/admin"
    ) async -> String? {
        do {
            _ = try await call(operation, input, service: service, principal: principal)
            return nil
        } catch {
            return (error as? APIError)?.code ?? "\(error)"
        }
    }

    /// All elements of a list, and how many were on each page.
    func pages(
        _ operation: String, _ member: String, _ input: APIStructure = [:], service: String = "ssm"
    ) async throws -> (elements: [APIStructure], sizes: [Int]) {
        var (elements, sizes): ([APIStructure], [Int]) = ([], [])
        var input = input
        while true {
            let page = try await call(operation, input, service: service)
            elements += page.structures(member)
            sizes.append(page.list(member)?.count ?? 0)
            guard let token = page.string("NextToken") else { return (elements, sizes) }
            input["NextToken"] = .string(token)
        }
    }
}
