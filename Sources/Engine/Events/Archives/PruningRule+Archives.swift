import StatesInterpreter
import Store
import TimeSource

extension PruningRule {
    /// How many events are deleted in a transaction: long deletions would delay other writers.
    private static let eventStep = 200

    /// Archived events that are older than their archive keeps them, and those of deleted archives: every hour.
    package static let archivedEvents = PruningRule(name: "archived events", interval: .seconds(3_600), delay: .zero) { database, clock in
        for archive in try await database.read({ try ArchivedEventStore.removals(in: $0) }) { try await empty(archive, database) }
        for archive in try await database.read({ try ArchiveStore.all(in: $0) }) where archive.retentionDays > 0 {
            try await prune(archive, database, now: clock.now.wall)
        }
    }

    /// Replays that have ended: 90 days (EventBridge API Reference, ListReplays).
    package static let replays = PruningRule(name: "replays", retention: .seconds(90 * 86_400)) {
        ReplayStore.prune(before: $0, limit: $1)
    }

    private static func empty(_ archive: Int64, _ database: any Database) async throws {
        while !Task.isCancelled {
            let deleted = try await database.apply([ArchivedEventStore.empty(archive, limit: eventStep)]).first?.changes ?? 0
            guard deleted == 0 else { continue }
            try await database.apply([ArchivedEventStore.forget(archive)])
            return
        }
    }

    private static func prune(_ archive: ArchiveRecord, _ database: any Database, now: Timestamp) async throws {
        let instant = now - .seconds(archive.retentionDays * 86_400)
        let limit = ArchivedEventStore.Position(time: instant, sequence: EventArchives.sequence(at: instant))
        while !Task.isCancelled {
            let old = try await database.read {
                try ArchivedEventStore.old(in: archive.id, before: limit, limit: eventStep, in: $0)
            }
            guard !old.isEmpty else { return }
            do {
                try await database.apply(ArchivedEventStore.remove(old, from: archive.id))
            } catch where error.code == .conflict {
                // The archive was deleted meanwhile; the next round empties it.
                return
            }
        }
    }
}
