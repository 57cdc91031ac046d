import EventPatterns
import JSONCore
package import Logging
import StatesInterpreter
package import Store
import Synchronization
package import TimeSource

/// Takes events onto event buses and sends each to the targets of the rules that want it.
///
/// An event is accepted by one transaction: messages for queues, deliveries for all other targets, and what archives keep. So whoever was
/// told that it is accepted can rely on it, and an event that nothing wants costs no write. The rules of a bus are held in memory,
/// compiled and indexed (`BusRules`). `docs/architecture/an-event-is-routed.md` describes the path.
package final class EventRouter: Sendable {
    /// What is set once, before the first event: these parts need the router themselves.
    private struct Connections {
        var deliveries: DeliveryQueue?
        var archives: (any EventArchiving)?
    }

    private let database: any Database
    private let queues: any QueueSender
    private let clock: EngineClock
    private let identifiers: IdentifierSource
    private let buses: BusDirectory
    private let connections = Mutex(Connections())
    let logger: Logger

    /// A router over the rules of a database.
    package init(
        database: any Database, queues: any QueueSender, clock: EngineClock, identifiers: IdentifierSource, region: String, logger: Logger
    ) {
        self.database = database
        self.queues = queues
        self.clock = clock
        self.identifiers = identifiers
        self.logger = logger
        buses = BusDirectory(database: database, region: region, logger: logger)
    }

    /// Gives the router the queue that delivers what it writes.
    package func connect(to deliveries: DeliveryQueue) {
        connections.withLock { $0.deliveries = deliveries }
    }

    /// Gives the router the archives.
    package func connect(to archives: any EventArchiving) {
        connections.withLock { $0.archives = archives }
    }

    /// Reads a bus's rules anew at the next event. To be called after each committed change of the bus, its rules or their targets, before
    /// the change is answered.
    package func changed(bus: String, account: String) {
        buses.forget(BusKey(account: account, name: bus))
    }

    /// Whether there is such a bus.
    package func exists(bus: String, account: String) async throws -> Bool {
        try await buses.rules(of: BusKey(account: account, name: bus)).exists
    }

    /// Whether a rule or archive of the default bus may want an event of this source and type. From memory, in microseconds. Never wrong
    /// when it says no.
    package func wants(account: String, source: String, detailType: String) -> Bool {
        let key = BusKey(account: account, name: RuleRecord.defaultBus)
        if buses.known(key)?.mayWant(source: source, detailType: detailType) ?? true { return true }
        let archives = connections.withLock { $0.archives }
        return archives?.wants(account: account, bus: key.name, source: source, detailType: detailType) ?? false
    }

    /// Accepts events: durable, with all that follows from them, when it returns. An event for a bus that does not exist is dropped.
    ///
    /// - Parameters:
    ///   - rules: the ARNs of the only rules that see the events, for replays; nil for all.
    ///   - statements: applied in the same transaction, also when nothing wants the events.
    /// - Throws: `StoreError`; `.conflict` when a guard of `statements` failed. Nothing is accepted then.
    package func put(_ events: [BusEvent], only rules: Set<String>? = nil, with statements: [Statement] = []) async throws {
        let (deliveries, archives) = connections.withLock { ($0.deliveries, $0.archives) }
        let now = clock.now
        var plan = RoutePlan(engineNow: now.engine, wallNow: now.wall, identifiers: identifiers)
        var kept = statements
        // Events that rules send on to another bus follow those that were put.
        var pending = events.map { (event: $0, sender: RoutePlan.Sender?.none) }
        var next = 0
        while next < pending.count {
            let (event, sender) = pending[next]
            next += 1
            let bus = try await buses.rules(of: BusKey(account: event.account, name: event.bus))
            guard bus.exists else {
                if let sender { plan.fail(sender) }
                continue
            }
            let value = event.value
            pending += plan.route(event, value, by: bus, only: sender == nil ? rules : nil)
            if let archives { kept += try await archives.keeping(event, value: value) }
        }
        do {
            try await commit(&plan, with: kept)
        } catch {
            // What may have been written must be delivered; a delivery that is not there is forgotten again.
            if (error as? StoreError)?.code != .conflict { deliveries?.offer(plan.deliveries) }
            throw error
        }
        deliveries?.offer(plan.deliveries)
    }

    /// Writes a plan. Messages that a queue does not take go on as deliveries, which fail for themselves.
    private func commit(_ plan: inout RoutePlan, with statements: [Statement]) async throws {
        plan.redirect { !queues.exists($0.queue) }
        while true {
            let batch = statements + plan.deliveries.map { DeliveryStore.add($0) }
            guard !plan.messages.isEmpty else {
                if !batch.isEmpty { try await database.apply(batch) }
                return
            }
            do throws(QueueError) {
                _ = try await queues.send(plan.messages.map(\.message), with: batch)
                return
            } catch {
                guard plan.redirect(where: error.refuses) else { throw error.storeError }
            }
        }
    }
}

extension QueueError {
    /// Whether this error is about a message: only such a message goes another way, so that others of its queue keep their order.
    fileprivate func refuses(_ message: OutgoingMessage) -> Bool {
        switch self {
        case .queueDoesNotExist(let name), .missingDeduplicationID(let name), .delayNotAllowed(let name), .overLimit(let name):
            message.queue == name
        case .missingGroupID(let name): message.queue == name && message.groupID == nil
        case .messageTooLong(let name, let limit): message.queue == name && message.body.utf8.count > limit
        default: false
        }
    }

    /// The error of the store behind a failed send.
    var storeError: StoreError {
        switch self {
        case .store(let error): error
        case .shuttingDown: StoreError(.closed)
        default: StoreError(.unavailable, detail: "\(self)")
        }
    }
}
