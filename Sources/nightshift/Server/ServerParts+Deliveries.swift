import Engine

extension ServerParts {
    /// The queue of everything on its way out, for all performers that were added before.
    mutating func addDeliveries() -> DeliveryQueue {
        let deliveries = DeliveryQueue(
            database: core.database, clock: engineClock, performers: deliveryPerformers, queues: queues, hold: core.hold,
            logger: core.logger("deliveries"))
        router.connect(to: deliveries)
        services.append(deliveries)
        return deliveries
    }
}
