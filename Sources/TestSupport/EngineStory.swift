import DatabaseSQLite
package import Engine
import Logging
import ServiceLifecycle
import StatesInterpreter
import StatesLanguage
import Store
package import TimeSource

/// A data directory in which an engine lives, dies and lives again, on a clock that stands still.
package final class EngineStory: Sendable {
    /// How a life ends.
    package enum End: Sendable {
        /// Nothing of what is under way is written any more.
        case crash
        /// As on SIGTERM.
        case shutdown
    }

    /// The account of all machines.
    package static let account = "000000000000"
    /// Where the data is.
    package let directory: TemporaryDirectory
    /// The time of all lives.
    package let clock = ManualClock()

    /// A story in an empty directory.
    package init() throws {
        directory = try TemporaryDirectory()
    }

    /// One life of the engine: `body` is what happens in it.
    @discardableResult
    package func life<Value: Sendable>(
        _ performer: any EffectPerformer = ScriptedEffects(), configuration: EngineConfiguration = EngineConfiguration(),
        hold: HoldGate = HoldGate(), objects: any ObjectStore = NoObjectStore(), ownEvents: OwnEvents? = nil,
        ending end: End = .crash, _ body: (EngineLife) async throws -> Value
    ) async throws -> Value {
        let sqlite = try await SQLiteDatabase.open(path: directory.file("nightshift.db"))
        try await Migrator.migrate(sqlite)
        let start = try await NodeStore.beginIncarnation(of: "main", in: sqlite)
        sqlite.setFence(NodeFence(node: "main", incarnation: start.incarnation))
        let keys = try await EngineKeys.load(from: sqlite, random: SeededRandomSource(seed: 7))
        let database = FaultyDatabase(sqlite)
        let machines = StateMachineDirectory(database: database, region: configuration.region)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let engine = ExecutionEngine(
            configuration: configuration, database: database, clock: EngineClock(source: clock, highWaterMark: start.engineTime),
            identifiers: IdentifierSource(clock: clock, random: SeededRandomSource(seed: UInt64(start.incarnation))),
            directory: machines, keys: keys, node: "main", start: start, performer: performer,
            activities: try await ActivityDirectory.load(from: database, region: configuration.region), objects: objects,
            hold: hold, ownEvents: ownEvents, logger: logger)
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [engine], logger: logger))
        let life = EngineLife(engine: engine, database: database, machines: machines, keys: keys, clock: clock)
        let value = try await withThrowingTaskGroup(of: Void.self) { tasks in
            // An engine that ends by itself is a fact that the body may look for; its error ends no test.
            tasks.addTask { try? await group.run() }
            let value: Value
            do {
                value = try await body(life)
            } catch {
                database.cut()
                tasks.cancelAll()
                throw error
            }
            switch end {
            case .crash:
                database.cut()
                tasks.cancelAll()
            case .shutdown:
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
            return value
        }
        await sqlite.close()
        return value
    }
}
