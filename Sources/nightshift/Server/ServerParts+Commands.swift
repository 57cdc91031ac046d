import APIServer
import AgentGateway
import Engine
import Services
import Store

extension ServerParts {
    /// Run Command: activations, managed nodes, documents, commands, and the conversation with agents.
    mutating func addCommands() async throws {
        let keys = try await EngineKeys.load(from: core.database, random: core.random)
        let coordinator = try await CommandCoordinator(
            database: core.database, clock: engineClock, identifiers: core.identifiers, sessions: NodeSessions(clock: core.clock),
            log: CommandLogWriter(store: core.logs, clock: core.clock), region: core.settings.api.region, hold: core.hold,
            ownEvents: ownEvents, hooks: commands.hooks([ContentGranting(keys: keys, clock: core.clock)]),
            logger: core.logger("commands"), invocationEnded: { [engine] in engine.jobEnded(TaskJob(.command, $0)) })
        let takeInventory = addNodes(coordinator)
        let documents = DocumentService(database: core.database)
        documents.register(in: &registry)
        CommandService(database: core.database, coordinator: coordinator).register(in: &registry)
        taggableResources.append(documents.taggable)

        let conversation = AgentConversation(
            registry: NodeRegistry(
                database: core.database, clock: core.clock, identifiers: core.identifiers, logger: core.logger("nodes")),
            coordinator: coordinator, clock: core.clock, takeInventory: takeInventory,
            content: ContentCounter(objects: objects.store(region: core.settings.api.region), keys: keys, clock: core.clock),
            logger: core.logger("agents"))
        unsignedRoutes += AgentRoutes.routes(conversation)
        services.append(coordinator)
    }
}
