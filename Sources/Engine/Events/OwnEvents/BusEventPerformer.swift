import StatesInterpreter
package import Store
import Synchronization
package import TimeSource

/// Puts the server's own events on their bus.
///
/// The delivery is deleted in the transaction in which the bus hands the event to what it is routed to, so that it gets there once,
/// whatever dies in between.
package final class BusEventPerformer: DeliveryPerformer {
    /// Puts an event on its bus, together with these statements.
    package typealias Put = @Sendable (_ event: BusEvent, _ statements: [Statement]) async throws -> Void

    /// `bus-event`.
    package static let kind = "bus-event"
    package let kind: String = BusEventPerformer.kind
    /// It is delivered in the same database.
    package let effectClass = EffectClass.deduplicated
    /// Their commits are shared.
    package let concurrency = 64

    static let retryPause = Duration.seconds(1)
    /// Set once, before the queue runs: the bus itself needs the queue.
    private let put = Mutex<Put?>(nil)

    /// A performer that waits for `connect`.
    package init() {}

    /// Tells how events are put on their bus.
    package func connect(_ put: @escaping Put) {
        self.put.withLock { $0 = put }
    }

    package func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        guard let event = BusEvent(stored: delivery.body) else { return .failed(reason: "The stored event cannot be read.") }
        return await put(event, of: delivery)
    }

    /// Puts the event that a delivery stands for on its bus, and ends the delivery with that.
    func put(_ event: BusEvent, of delivery: DeliveryRecord) async -> DeliveryOutcome {
        guard let put = put.withLock({ $0 }) else {
            return .postponed(for: BusEventPerformer.retryPause, reason: "The event buses are not there yet.")
        }
        do {
            try await put(event, [DeliveryStore.completeOnce(delivery.id)])
            return .settled
        } catch {
            // When an earlier attempt was applied though its answer was lost the row is gone, and nothing comes of the next one either.
            return .tryAgain(after: BusEventPerformer.retryPause, reason: "The event could not be put on its bus: \(error)")
        }
    }
}
