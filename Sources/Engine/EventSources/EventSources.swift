package import Logging
import ServiceLifecycle
import StatesInterpreter
package import Store
import Synchronization
package import TimeSource

/// All mappings from queues to functions, and the pollers that work by them.
///
/// A mapping's row says what its owner wants; a poller runs for each that is enabled. The row of a deleted mapping goes when its poller
/// has ended, at the latest at the next start. `docs/architecture/event-sources.md` has the arrows.
package final class EventSources: Service {
    private struct Entry {
        var record: EventSourceMappingRecord
        /// What works by it now, perhaps at its end.
        var poller: QueuePoller?
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var isStopping = false
    }

    /// How long invocations may go on after the server was asked to stop.
    private static let drainTime = Duration.seconds(5)

    private let database: any Database
    private let hold: HoldGate
    private let dependencies: QueuePoller.Dependencies
    private let state = Mutex(State())
    private let pollers = TaskQueue(limit: 10_000)

    /// No mappings; `load()` reads them.
    /// - Parameter ceiling: batches of one mapping side by side at most: as many functions as this server runs.
    package init(
        database: any Database, queues: QueueEngine, invoker: any EventSourceInvoker, clock: EngineClock, identifiers: IdentifierSource,
        ceiling: Int, hold: HoldGate = HoldGate(), logger: Logger
    ) {
        self.database = database
        self.hold = hold
        dependencies = QueuePoller.Dependencies(
            queues: queues, invoker: invoker, clock: clock, identifiers: identifiers, ceiling: ceiling, logger: logger)
    }

    /// Reads all mappings, and ends those whose deletion a stop cut off. Before anything else.
    package func load() async throws {
        let records = try await database.read { try EventSourceMappingStore.all(in: $0) }
        let deleted = records.filter { $0.state == .deleting }
        if !deleted.isEmpty {
            try await database.apply(deleted.map { EventSourceMappingStore.delete(id: $0.id, account: $0.account) })
        }
        for record in records where record.state != .deleting { apply(record) }
    }

    /// Works by a mapping as it was committed; an older version than the one that is known is passed over.
    package func apply(_ record: EventSourceMappingRecord) {
        let mapping = QueueMapping(record)
        let started = state.withLock { state -> QueuePoller? in
            var entry = state.entries[record.id] ?? Entry(record: record)
            guard entry.record.version <= record.version, !state.isStopping else { return nil }
            entry.record = record
            defer { state.entries[record.id] = entry }
            guard record.state == .enabled, let mapping else {
                entry.poller?.stop()
                return nil
            }
            if let poller = entry.poller, !poller.isStopping {
                poller.update(mapping)
                return nil
            }
            // One that is ending looks here again when it has ended.
            guard entry.poller == nil else { return nil }
            let poller = QueuePoller(mapping, dependencies)
            entry.poller = poller
            return poller
        }
        if mapping == nil {
            dependencies.logger.error("an event source mapping cannot be read", metadata: ["mapping": "\(record.id)"])
        }
        if let started { submit(started, of: record.id) }
        if record.state == .deleting { pollers.submit { await self.finishDeletion(of: record.id) } }
    }

    /// Whether something works by a mapping.
    package func isPolling(_ id: String) -> Bool {
        state.withLock { $0.entries[id]?.poller != nil }
    }

    /// Works until the server stops.
    package func run() async throws {
        guard await hold.waitUnlessStopped() else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.pollers.run() }
            group.addTask {
                try? await gracefulShutdown()
                self.stop()
                try? await self.dependencies.clock.sleep(for: EventSources.drainTime)
            }
            // Either all batches have ended, or the time for them is over: then they come again.
            await group.next()
            group.cancelAll()
        }
    }

    private func stop() {
        let running = state.withLock { state in
            state.isStopping = true
            return state.entries.values.compactMap(\.poller)
        }
        for poller in running { poller.stop() }
        pollers.finish()
    }

    private func submit(_ poller: QueuePoller, of id: String) {
        pollers.submit {
            await poller.run()
            let record = self.state.withLock { state in
                state.entries[id]?.poller = nil
                return state.entries[id]?.record
            }
            // It may have been enabled again, or deleted, while the last batch ended.
            if let record { self.apply(record) }
        }
    }

    /// Forgets a deleted mapping when nothing works by it any more.
    private func finishDeletion(of id: String) async {
        let record = state.withLock { state -> EventSourceMappingRecord? in
            guard let entry = state.entries[id], entry.poller == nil, entry.record.state == .deleting else { return nil }
            return entry.record
        }
        guard let record else { return }
        do {
            try await database.apply([EventSourceMappingStore.delete(id: id, account: record.account)])
            state.withLock { _ = $0.entries.removeValue(forKey: id) }
        } catch {
            // The next start does it.
            dependencies.logger.warning(
                "a deleted event source mapping stays for now", metadata: ["mapping": "\(id)", "error": "\(error)"])
        }
    }
}
