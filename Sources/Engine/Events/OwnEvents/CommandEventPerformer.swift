package import Store
package import TimeSource

/// Completes events about commands by what the store says of the command, and puts them on their bus as `BusEventPerformer` does.
package struct CommandEventPerformer: DeliveryPerformer {
    /// `command-event`.
    package static let kind = "command-event"
    package let kind: String = CommandEventPerformer.kind
    /// It is delivered in the same database.
    package let effectClass = EffectClass.deduplicated
    package let concurrency = 16

    private let database: any Database
    private let buses: BusEventPerformer
    private let region: String

    /// A performer that puts by `buses`.
    package init(database: any Database, buses: BusEventPerformer, region: String) {
        self.database = database
        self.buses = buses
        self.region = region
    }

    package func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        guard let status = CommandStatusEvent(stored: delivery.body) else {
            return .failed(reason: "The stored event cannot be read.")
        }
        do {
            guard let event = try await database.read({ [region] in try status.event(region: region, in: $0) }) else {
                return .failed(reason: "The command of the event is forgotten.")
            }
            return await buses.put(event, of: delivery)
        } catch {
            return .tryAgain(after: BusEventPerformer.retryPause, reason: "The command of the event cannot be read: \(error)")
        }
    }
}
