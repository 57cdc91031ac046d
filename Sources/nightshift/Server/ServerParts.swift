import APIServer
import Engine
import Foundation
import Integrations
import ServiceLifecycle
import Services
import Store

/// The server's parts while they are put together: operations, unsigned routes, and what runs.
struct ServerParts {
    let core: ServerCore
    let engine: ExecutionEngine
    let express: ExpressEngine
    let engineClock: EngineClock
    /// The queues, which everything that sends to one or takes from one goes through.
    let queues: QueueEngine
    /// The event buses.
    let router: EventRouter
    /// What the server itself tells on the default bus.
    let ownEvents: OwnEvents
    /// Buckets and objects.
    let objects: ObjectParts
    /// What follows from commands.
    let commands: CommandParts
    /// Sends the requests of HTTP tasks and those to API destinations.
    let http: HTTPInvoker
    let machines: StateMachineDirectory
    /// Performs the tasks of state machines; calls back into `registry`, so it is connected last.
    let tasks: TaskIntegrations
    /// Calls the targets of rules; calls back into `registry` too.
    let ruleTargets: RuleTargetPerformer
    let functions: FunctionParts
    /// Carries the events of executions into log groups.
    let executionLogs: ExecutionLogForwarder
    var registry = OperationRegistry()
    var unsignedRoutes: [UnsignedRoute] = []
    /// What Systems Manager's tag operations work on.
    var taggableResources: [TaggableResource] = []
    /// What delivers each kind of deliveries; `addDeliveries` makes the queue of them.
    var deliveryPerformers: [any DeliveryPerformer]
    /// What runs, in the order of starting.
    var services: [any Service]

    init(core: ServerCore) async throws {
        self.core = core
        let region = core.settings.api.region
        machines = StateMachineDirectory(database: core.database, region: region)
        functions = try await FunctionParts(core: core)
        let httpClient = WebhookClient()
        http = HTTPInvoker(
            connections: ConnectionVault(database: core.database, vault: core.vault), client: httpClient, clock: core.clock)
        tasks = TaskIntegrations(
            catalogue: core.catalogue, clock: core.clock, identifiers: core.identifiers, endpoint: core.localEndpoint,
            logger: core.logger("tasks"),
            http: http,
            isIdempotent: { [directory = functions.directory] in directory.isIdempotent($0) })
        ruleTargets = RuleTargetPerformer(
            catalogue: core.catalogue, clock: core.clock, identifiers: core.identifiers, random: core.random, region: region,
            endpoint: core.localEndpoint, logger: core.logger("rule-targets"))
        var configuration = EngineConfiguration()
        configuration.region = region
        engineClock = EngineClock(source: core.clock, highWaterMark: core.start.engineTime)
        queues = try await ServerParts.queues(of: core, clock: engineClock)
        router = EventRouter(
            database: core.database, queues: queues, clock: engineClock, identifiers: core.identifiers, region: region,
            logger: core.logger("events"))
        ownEvents = OwnEvents(clock: engineClock, identifiers: core.identifiers, region: region)
        objects = try await ObjectParts(core: core, queues: queues, ownEvents: ownEvents, clock: engineClock)
        commands = try await CommandParts(core: core, ownEvents: ownEvents, clock: engineClock)
        deliveryPerformers = [ruleTargets, objects.topics] + commands.performers
        let executionLogs = ExecutionLogForwarder(
            store: core.logs, clock: core.clock, identifiers: core.identifiers, logger: core.logger("execution-logs"))
        self.executionLogs = executionLogs
        let keys = try await EngineKeys.load(from: core.database, random: core.random)
        engine = ExecutionEngine(
            configuration: configuration, database: core.database, clock: engineClock, identifiers: core.identifiers,
            directory: machines, keys: keys, node: ServerCore.node, start: core.start, performer: tasks,
            activities: try await ActivityDirectory.load(from: core.database, region: region),
            objects: objects.store(region: region), hold: core.hold,
            log: executionLogs.sink, ownEvents: ownEvents, logger: core.logger("engine"))
        var expressConfiguration = ExpressConfiguration()
        expressConfiguration.region = region
        expressConfiguration.lanes = max(1, ProcessInfo.processInfo.activeProcessorCount / 2)
        express = ExpressEngine(
            configuration: expressConfiguration, database: core.database, clock: engineClock, directory: machines, keys: keys,
            start: core.start, performer: tasks, hold: core.hold, log: executionLogs.sink, logger: core.logger("express"))
        engine.mapRuns.connect(express)
        services = [httpClient, queues, executionLogs, engine, express, commands.outputs]
    }

    /// All parts, put together and connected; nothing runs yet.
    static func all(on core: ServerCore) async throws -> ServerParts {
        var parts = try await ServerParts(core: core)
        let runner = try parts.addFunctionRuntimes()
        try parts.addMessengers()
        parts.addEventDeliveries()
        let deliveries = parts.addDeliveries()
        try await parts.addWorkflows()
        try await parts.addCommands()
        parts.addFunctions(runner, deliveries: deliveries)
        parts.addQueues()
        let publisher = parts.addTopics(deliveries: deliveries)
        parts.addObjects(publisher, deliveries: deliveries)
        parts.commands.notices.connect(publisher)
        parts.addResourceGroups()
        try await parts.addEventSources(runner)
        parts.addRules(deliveries: deliveries)
        parts.addEvents(deliveries: deliveries)
        parts.addParameters()
        parts.addLogs()
        parts.addAdministration()
        parts.connect()
        return parts
    }

    /// Lets the parts that call operations from inside see all that were added.
    mutating func connect() {
        SystemsManagerTagService(database: core.database, kinds: taggableResources).register(in: &registry)
        tasks.connect(to: registry)
        commands.outputs.connect(to: registry)
        ruleTargets.connect(to: registry)
        ruleTargets.connect(queues: queues, router: router)
    }
}
