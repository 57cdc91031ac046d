import EventPatterns
package import JSONCore
package import Logging
package import Store
import Synchronization
package import TimeSource

/// The archives of event buses: which events each keeps, decided in memory, and the rows that keep them.
///
/// An event is kept in the transaction that accepts it, so that whoever was told that an event is accepted finds it in a replay. Events
/// of replays are not kept again, as on AWS, where an archive's own rule leaves them out.
package final class EventArchives: EventArchiving {
    /// An archive, ready to be given events.
    private struct Keeper {
        let id: Int64
        /// Nil for all events.
        let pattern: EventPattern?
    }

    private struct State {
        /// Grows with each change: what was read before it is not kept.
        var generation = 0
        /// The archives of each bus; nil when they are to be read.
        var keepers: [BusKey: [Keeper]]?
        /// The sequence that was given last.
        var sequence: Int64 = 0
    }

    /// How many events may be archived in a millisecond before their sequences run ahead of the clock.
    private static let sequencesPerMillisecond: Int64 = 1 << 20

    private let database: any Database
    private let clock: any ClockSource
    private let logger: Logger
    private let state = Mutex(State())

    /// The archives of a database, read when an event first asks for them.
    package init(database: any Database, clock: any ClockSource, logger: Logger) {
        self.database = database
        self.clock = clock
        self.logger = logger
    }

    /// Reads the archives anew at the next event. To be called after each committed change of one, before the change is answered.
    package func changed() {
        state.withLock { state in
            state.generation += 1
            state.keepers = nil
        }
    }

    package func wants(account: String, bus: String, source: String, detailType: String) -> Bool {
        guard let keepers = state.withLock({ $0.keepers }) else { return true }
        return keepers[BusKey(account: account, name: bus)] != nil
    }

    package func keeping(_ event: BusEvent, value: JSONValue) async throws -> [Statement] {
        guard event.replayName == nil else { return [] }
        guard let keepers = try await keepers()[BusKey(account: event.account, name: event.bus)] else { return [] }
        let wanting = keepers.filter { $0.pattern?.matches(value) ?? true }
        guard !wanting.isEmpty else { return [] }
        let body = event.stored
        return wanting.flatMap { keeper in
            ArchivedEventStore.add([(position: position(of: event), body: body)], to: keeper.id)
        }
    }

    /// The place of an event that is archived now. Times are whole seconds, as events show them: a replay from such a time on has it.
    private func position(of event: BusEvent) -> ArchivedEventStore.Position {
        let second = event.time.milliseconds - (event.time.milliseconds % 1_000 + 1_000) % 1_000
        let first = EventArchives.sequence(at: clock.now)
        let sequence = state.withLock { state in
            state.sequence = max(state.sequence + 1, first)
            return state.sequence
        }
        return ArchivedEventStore.Position(time: Timestamp(milliseconds: second), sequence: sequence)
    }

    /// The first sequence of events that are archived at an instant of the wall clock.
    static func sequence(at instant: Timestamp) -> Int64 { instant.milliseconds * sequencesPerMillisecond }

    private func keepers() async throws -> [BusKey: [Keeper]] {
        while true {
            let (known, generation) = state.withLock { ($0.keepers, $0.generation) }
            if let known { return known }
            let records = try await database.read { try ArchiveStore.all(in: $0) }
            var keepers: [BusKey: [Keeper]] = [:]
            for record in records {
                guard let keeper = keeper(record) else { continue }
                keepers[BusKey(account: record.account, name: record.bus), default: []].append(keeper)
            }
            let isCurrent = state.withLock { state in
                guard state.generation == generation else { return false }
                state.keepers = keepers
                return true
            }
            if isCurrent { return keepers }
        }
    }

    private func keeper(_ record: ArchiveRecord) -> Keeper? {
        guard let text = record.eventPattern else { return Keeper(id: record.id, pattern: nil) }
        do {
            return Keeper(id: record.id, pattern: try EventPattern(parsing: String(decoding: text, as: UTF8.self)))
        } catch {
            // It was checked before it was stored.
            logger.error("an archive's pattern cannot be read", metadata: ["archive": "\(record.name)", "account": "\(record.account)"])
            return nil
        }
    }
}
