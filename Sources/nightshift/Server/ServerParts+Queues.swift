import APIServer
import Engine
import Services

extension ServerParts {
    /// The queues of this server: what topics, buses, functions and the SQS API send to and take from.
    static func queues(of core: ServerCore, clock: EngineClock) async throws -> QueueEngine {
        try await QueueEngine.load(
            from: core.database, region: core.settings.api.region, clock: clock, identifiers: core.identifiers, random: core.random,
            hold: core.hold, logger: core.logger("queues"))
    }

    /// The SQS operations.
    mutating func addQueues() {
        QueueService(database: core.database, queues: queues, identifiers: core.identifiers).register(in: &registry)
    }
}
