import APIModels
import APIServer
import DatabaseSQLite
import Engine
import Foundation
import Logging
import SecretEncryption
import ServiceLifecycle
import Services
import Store
import TimeSource
import UnixSignals

/// The server, put together: opens what is remembered, builds the parts, and runs them as one group.
struct NightshiftServer {
    let settings: ServerSettings

    private static let node = "main"

    /// Runs until it is told to stop (SIGTERM, SIGINT), or fails.
    func run() async throws {
        let directory = try DataDirectory(path: settings.dataDirectory)
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = settings.logLevel
            return handler
        }
        let logger = Logger(label: "nightshift")
        let clock = LiveClock()
        let random = SystemRandomSource()
        let identifiers = IdentifierSource(clock: clock, random: random)

        let database = try await SQLiteDatabase.open(path: directory.path("nightshift.db"))
        try await Migrator.migrate(database)
        let start = try await NodeStore.beginIncarnation(of: NightshiftServer.node, in: database)
        database.setFence(NodeFence(node: NightshiftServer.node, incarnation: start.incarnation))

        let vault = try SecretVault(masterKeyFile: directory.path("master.key"), store: AccountDataKeys(database: database))
        let accessKeys = AccessKeyDirectory(database: database, vault: vault, clock: clock, identifiers: identifiers)
        if try await accessKeys.load() == 0 {
            let path = directory.path("admin-credentials")
            try await accessKeys.createKey(user: "admin", account: settings.account) { key in
                try AdminCredentials.write(key, to: path)
            }
            logger.notice("created the administrator's access key", metadata: ["file": "\(path)"])
        }

        let region = settings.api.region
        let machines = StateMachineDirectory(database: database, region: region)
        var configuration = EngineConfiguration()
        configuration.region = region
        let engine = ExecutionEngine(
            configuration: configuration, database: database,
            clock: EngineClock(source: clock, highWaterMark: start.engineTime), identifiers: identifiers, directory: machines,
            keys: try await EngineKeys.load(from: database, random: random), node: NightshiftServer.node, start: start,
            performer: NoIntegrations(), logger: Logger(label: "nightshift.engine"))

        let stateMachineService = try await StateMachineService(
            database: database, directory: machines, clock: clock, identifiers: identifiers, region: region)
        let executionService = ExecutionService(
            database: database, engine: engine, machines: stateMachineService, directory: machines)
        var registry = OperationRegistry()
        stateMachineService.register(in: &registry)
        executionService.register(in: &registry)
        IdentityService.register(in: &registry)

        let api = try APIService(
            configuration: settings.api,
            dependencies: APIServerDependencies(
                catalogue: ModelCatalogue(), registry: registry, credentials: SignatureCredentials(directory: accessKeys),
                clock: clock, identifiers: identifiers, isReady: { engine.isReady },
                onListening: { port in logger.notice("listening", metadata: ["port": "\(port)"]) },
                logger: Logger(label: "nightshift.api")))

        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [engine, api], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }
}
