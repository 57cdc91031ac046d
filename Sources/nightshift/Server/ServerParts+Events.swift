import APIServer
import Engine
import Integrations
import Services

extension ServerParts {
    /// What puts the server's own events on their buses, and what calls API destinations. Before `addDeliveries`.
    mutating func addEventDeliveries() {
        let buses = BusEventPerformer()
        buses.connect { [router] event, statements in try await router.put([event], with: statements) }
        deliveryPerformers += [
            buses, CommandEventPerformer(database: core.database, buses: buses, region: core.settings.api.region),
            ApiDestinationPerformer(
                database: core.database, invoker: http, clock: core.clock, random: core.random,
                logger: core.logger("api-destinations")),
        ]
    }

    /// The server's own events from here on, archives with their replays, and API destinations.
    mutating func addEvents(deliveries: DeliveryQueue) {
        ownEvents.connect(
            interest: { [router] type, account in
                router.wants(account: account, source: type.source, detailType: type.detailType)
            }, offer: { deliveries.offer($0) })
        let archives = EventArchives(database: core.database, clock: core.clock, logger: core.logger("archives"))
        router.connect(to: archives)
        let replays = ReplayRunner(
            database: core.database, router: router, clock: engineClock, hold: core.hold, logger: core.logger("replays"))
        ArchiveService(
            database: core.database, router: router, archives: archives, clock: core.clock, identifiers: core.identifiers
        ).register(in: &registry)
        ReplayService(
            database: core.database, router: router, runner: replays, clock: core.clock, identifiers: core.identifiers
        ).register(in: &registry)
        ApiDestinationService(database: core.database, clock: core.clock, identifiers: core.identifiers).register(in: &registry)
        services.append(replays)
    }
}
