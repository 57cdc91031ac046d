import AWSProtocols
import AgentProtocol
import DatabaseSQLite
import Engine
import Foundation
import LogStorage
import Logging
import Services
import Store
import TestSupport
import TimeSource

@testable import AgentGateway

/// The server's half of Run Command in a directory of its own, on manual time: database, logs, coordinator, operations, conversation.
///
/// It can be restarted as after a crash: everything in memory is dropped, the files stay.
final class ServerRoom: Sendable {
    static let account = "000000000000"
    static let region = "us-east-1"

    let directory: String
    let clock: ManualClock
    let random: any RandomSource
    /// What everything goes through; it fails when a test says so.
    let database: FaultyDatabase
    let logs: LogStore
    let coordinator: CommandCoordinator
    let conversation: AgentConversation
    let registry: OperationRegistry

    init(
        directory: String? = nil, clock: ManualClock = ManualClock(), random: any RandomSource = SystemRandomSource(),
        hooks: CommandHooks = CommandHooks()
    ) async throws {
        let path = directory ?? FileManager.default.temporaryDirectory.appendingPathComponent("gateway-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        self.directory = path
        self.clock = clock
        self.random = random
        let identifiers = IdentifierSource(clock: clock, random: random)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        database = FaultyDatabase(try await SQLiteDatabase.open(path: path + "/nightshift.db"))
        try await Migrator.migrate(database)
        let start = try await NodeStore.beginIncarnation(of: "main", in: database)
        logs = try await LogStore.open(directory: path + "/logs", clock: clock, random: random)
        coordinator = try await CommandCoordinator(
            database: database, clock: EngineClock(source: clock, highWaterMark: start.engineTime), identifiers: identifiers,
            sessions: NodeSessions(clock: clock), log: CommandLogWriter(store: logs, clock: clock), region: Self.region,
            hooks: hooks, logger: logger)
        conversation = AgentConversation(
            registry: NodeRegistry(database: database, clock: clock, identifiers: identifiers, logger: logger),
            coordinator: coordinator, clock: clock, logger: logger)
        var registry = OperationRegistry()
        let nodes = ManagedNodeService(database: database, coordinator: coordinator, clock: clock, agentVersion: "1.0.0")
        ActivationService(database: database, clock: clock, identifiers: identifiers).register(in: &registry)
        nodes.register(in: &registry)
        DocumentService(database: database).register(in: &registry)
        CommandService(database: database, coordinator: coordinator).register(in: &registry)
        SystemsManagerTagService(database: database, kinds: [nodes.taggable]).register(in: &registry)
        self.registry = registry
    }

    /// The same server after a crash and a restart.
    func restarted() async throws -> ServerRoom {
        await close()
        return try await ServerRoom(directory: directory, clock: clock, random: random)
    }

    func close() async {
        await logs.close()
        await database.close()
    }

    /// Ends the room and removes its files.
    func remove() async {
        await close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Calls an operation of Systems Manager.
    func call(_ operation: String, _ input: APIStructure = [:], dedupeKey: String? = nil) async throws -> APIStructure {
        guard let entry = registry.entry(service: "ssm", operation: operation) else { preconditionFailure("\(operation) is registered") }
        let context = RequestContext(
            requestID: "request", account: Self.account, region: Self.region, principal: .anonymous, receivedAt: clock.now,
            endpoint: "http://127.0.0.1", logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            dedupeKey: dedupeKey)
        return try await entry.handler(context, input)
    }

    /// The code of the error that an operation answers.
    func errorCode(_ operation: String, _ input: APIStructure) async throws -> String? {
        do {
            _ = try await call(operation, input)
            return nil
        } catch let error as APIError {
            return error.code
        }
    }

    /// Enrols an agent by a new activation.
    func enrolledAgent(tags: [NamedValue] = []) async throws -> AgentDouble {
        let activation = try await call("CreateActivation", ["IamRole": "service-role", "RegistrationLimit": 10])
        var agent = AgentDouble(room: self)
        try await agent.enrol(
            id: activation.string("ActivationId") ?? "", code: activation.string("ActivationCode") ?? "", tags: tags)
        return agent
    }

    /// Sends a script and answers the command's id.
    @discardableResult
    func send(_ script: String, to nodes: [String], _ more: APIStructure = [:], dedupeKey: String? = nil) async throws -> String {
        var input: APIStructure = [
            "DocumentName": "AWS-RunShellScript", "InstanceIds": .strings(nodes), "Parameters": ["commands": [.string(script)]],
        ]
        for member in more.members { input[member.name] = member.value }
        let answer = try await call("SendCommand", input, dedupeKey: dedupeKey)
        return answer.structure("Command")?.string("CommandId") ?? ""
    }

    /// The invocation of a command on a node, with its plugins.
    func invocation(_ command: String, _ node: String) async throws -> APIStructure {
        let answer = try await call(
            "ListCommandInvocations", ["CommandId": .string(command), "InstanceId": .string(node), "Details": true])
        return answer.structures("CommandInvocations").first ?? [:]
    }

    func status(_ command: String, _ node: String) async throws -> String? {
        try await invocation(command, node).string("Status")
    }
}
