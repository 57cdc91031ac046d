package import JSONCore
import StatesInterpreter
package import Store
import Synchronization
package import TimeSource

/// The events that this server sends by itself to the default bus of an account, in the shapes of AWS's services.
///
/// Whoever changes something writes the event with the change, in one transaction, and offers it after the commit:
///
///     let events = ownEvents.record(.objectCreated, account: account, resources: [arn]) { detail }
///     try await database.apply(batch + events.map(DeliveryStore.add))
///     ownEvents.offer(events)
///
/// So there is an event for each change that is durable, and none for one that is not; a crash after the commit leaves a delivery that
/// the next server finds. The event's id is fixed with its row. Nothing is written when no rule and no archive may want the event: asking
/// for that takes well under a microsecond.
package final class OwnEvents: Sendable {
    /// Whether anybody may want events of a type in an account.
    package typealias Interest = @Sendable (_ type: OwnEventType, _ account: String) -> Bool

    private struct Links {
        let interest: Interest
        let offer: @Sendable ([DeliveryRecord]) -> Void
    }

    let clock: EngineClock
    let identifiers: IdentifierSource
    let region: String
    /// Set once, before anything runs: the buses themselves need what sends events.
    private let links = Mutex<Links?>(nil)

    /// Events of this region; nobody wants any until `connect`.
    package init(clock: EngineClock, identifiers: IdentifierSource, region: String) {
        self.clock = clock
        self.identifiers = identifiers
        self.region = region
    }

    /// Tells who wants events, and who takes those that are committed.
    package func connect(interest: @escaping Interest, offer: @escaping @Sendable ([DeliveryRecord]) -> Void) {
        links.withLock { $0 = Links(interest: interest, offer: offer) }
    }

    /// Whether anybody may want events of a type in an account.
    package func wants(_ type: OwnEventType, account: String) -> Bool {
        links.withLock { $0?.interest }?(type, account) ?? false
    }

    /// The event of a change that happens now, to be written with it; none when nobody wants it.
    /// - Parameters:
    ///   - resources: the ARNs that it is about.
    ///   - detail: what happened, a JSON object; asked for when somebody wants the event.
    package func record(
        _ type: OwnEventType, account: String, resources: [String], detail: () -> JSONValue
    ) -> [DeliveryRecord] {
        guard wants(type, account: account) else { return [] }
        let now = clock.now
        let event = BusEvent(
            id: identifiers.uuid(), account: account, source: type.source, detailType: type.detailType, time: now.wall,
            resources: resources, detail: detail(), region: region)
        return [
            DeliveryRecord(
                id: identifiers.orderedUUID(), account: account, kind: BusEventPerformer.kind, createdAt: now.engine,
                body: event.stored)
        ]
    }

    /// Takes events whose rows are committed.
    package func offer(_ events: [DeliveryRecord]) {
        guard !events.isEmpty else { return }
        links.withLock { $0?.offer }?(events)
    }
}
