import APIServer
import Engine
import Integrations
import ServiceLifecycle
import Services

/// The server's parts while they are put together: operations, unsigned routes, and what runs.
struct ServerParts {
    let core: ServerCore
    let engine: ExecutionEngine
    let machines: StateMachineDirectory
    /// Performs the tasks of state machines; calls back into `registry`, so it is connected last.
    let tasks: TaskIntegrations
    var registry = OperationRegistry()
    var unsignedRoutes: [UnsignedRoute] = []
    /// What runs, in the order of starting.
    var services: [any Service]

    init(core: ServerCore) async throws {
        self.core = core
        let region = core.settings.api.region
        machines = StateMachineDirectory(database: core.database, region: region)
        tasks = TaskIntegrations(
            catalogue: core.catalogue, clock: core.clock, identifiers: core.identifiers, endpoint: core.localEndpoint,
            logger: core.logger("tasks"))
        var configuration = EngineConfiguration()
        configuration.region = region
        engine = ExecutionEngine(
            configuration: configuration, database: core.database,
            clock: EngineClock(source: core.clock, highWaterMark: core.start.engineTime), identifiers: core.identifiers,
            directory: machines, keys: try await EngineKeys.load(from: core.database, random: core.random),
            node: ServerCore.node, start: core.start, performer: tasks, logger: core.logger("engine"))
        services = [engine]
    }

    /// Lets the parts that call operations from inside see all that were added.
    func connect() {
        tasks.connect(to: registry)
    }
}
