import APIServer
import Engine
import Services

extension ServerParts {
    /// The EventBridge operations, and what fires rules that are due.
    mutating func addRules(deliveries: DeliveryQueue) {
        let ticker = ScheduleTicker(
            database: core.database, clock: engineClock, deliveries: deliveries, region: core.settings.api.region,
            hold: core.hold, logger: core.logger("schedules"))
        RuleService(database: core.database, ticker: ticker, router: router, clock: core.clock, identifiers: core.identifiers)
            .register(in: &registry)
        ConnectionService(database: core.database, vault: core.vault, clock: core.clock, identifiers: core.identifiers)
            .register(in: &registry)
        services.append(ticker)
    }
}
