import AgentGateway
import Engine
import Services

extension ServerParts {
    /// Nodes: activations, what is shown of them and set for them, their inventory, and queries over it.
    /// - Returns: what takes in the inventory that agents report.
    mutating func addNodes(_ coordinator: CommandCoordinator) -> AgentConversation.InventoryTaker {
        let (database, clock) = (core.database, core.clock)
        ActivationService(database: database, clock: clock, identifiers: core.identifiers).register(in: &registry)
        let nodes = ManagedNodeService(database: database, coordinator: coordinator, clock: clock, agentVersion: Version.text)
        nodes.register(in: &registry)
        taggableResources.append(nodes.taggable)
        NodeSettingsService(database: database, coordinator: coordinator, clock: clock).register(in: &registry)
        InventoryService(database: database, clock: clock, identifiers: core.identifiers).register(in: &registry)
        InventoryQueryService(database: database, sessions: coordinator.sessions, clock: clock).register(in: &registry)
        ConfigQueryService(database: database, sessions: coordinator.sessions, clock: clock).register(in: &registry)
        let intake = InventoryIntake(database: database, clock: clock)
        return { report, node, account in try await intake.take(report, node: node, account: account) }
    }
}
