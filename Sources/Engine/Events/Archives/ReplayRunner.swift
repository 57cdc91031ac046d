package import Logging
import ServiceLifecycle
import StatesInterpreter
package import Store
import Synchronization
import TimeSource

/// Replays archives: puts their events on the bus once more, in the order of their times.
///
/// A page of events is put in the transaction that moves the replay's cursor, so a kill at any moment loses no event and repeats none.
/// `docs/architecture/archives.md` lists the states.
package final class ReplayRunner: Service {
    /// How far a replay has come in one page.
    private enum Progress {
        case more
        case over
    }

    /// Events of a page, at most.
    private static let pageSize = 100
    /// Bytes of a page, about.
    private static let pageBytes = 1 << 20
    /// How long a replay waits after the store failed it.
    private static let pause = Duration.seconds(1)
    /// The loop looks for replays at least so often.
    private static let longestPause = Duration.seconds(60)

    private let database: any Database
    private let router: EventRouter
    private let clock: EngineClock
    private let hold: HoldGate
    private let logger: Logger
    private let doorbell = Doorbell()
    /// The replays under way, by their own ids.
    private let running = Mutex<Set<String>>([])

    /// A runner over the archives of a database.
    package init(database: any Database, router: EventRouter, clock: EngineClock, hold: HoldGate = HoldGate(), logger: Logger) {
        self.database = database
        self.router = router
        self.clock = clock
        self.hold = hold
        self.logger = logger
    }

    /// Looks for a replay that was committed just now, or for one that was cancelled.
    package func wake() { doorbell.ring() }

    /// Goes on with what earlier servers left, then replays what is asked for until the server stops.
    package func run() async throws {
        guard await hold.waitUnlessStopped() else { return }
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    do {
                        for record in try await self.database.read({ try ReplayStore.unfinished(in: $0) }) {
                            guard self.running.withLock({ $0.insert(record.id).inserted }) else { continue }
                            group.addTask {
                                await self.replay(record.name, record.id, account: record.account)
                                _ = self.running.withLock { $0.remove(record.id) }
                            }
                        }
                    } catch {
                        self.logger.error("replays cannot be read; trying again", metadata: ["error": "\(error)"])
                        try? await self.clock.sleep(for: ReplayRunner.pause)
                        continue
                    }
                    await self.doorbell.wait(upTo: ReplayRunner.longestPause, self.clock)
                }
            }
        }
    }

    private func replay(_ name: String, _ id: String, account: String) async {
        var refused: ReplayRecord?
        while !Task.isCancelled {
            var current: ReplayRecord?
            do {
                current = try await database.read { try ReplayStore.find(name, account: account, in: $0) }
                guard let current, current.id == id, current.endedAt == nil else { return }
                if current == refused { try await clock.sleep(for: ReplayRunner.pause) }
                guard try await advance(current) == .more else { return }
            } catch let error as StoreError where error.code == .conflict {
                // It was cancelled meanwhile: what to do is read anew. When nothing has changed something else is in the way, and may go.
                refused = current
            } catch {
                logger.error("a replay waits", metadata: ["replay": "\(name)", "account": "\(account)", "error": "\(error)"])
                try? await clock.sleep(for: ReplayRunner.pause)
            }
        }
    }

    /// Replays a page, or ends the replay.
    private func advance(_ record: ReplayRecord) async throws -> Progress {
        if record.state == .cancelling { return try await end(record, .cancelled, reason: "Replay cancelled by the user.") }
        guard let bus = record.bus, try await router.exists(bus: bus, account: record.account) else {
            return try await end(record, .failed, reason: "The destination event bus does not exist.")
        }
        // Before the first event: no time is earlier than the window's, and no sequence is negative.
        let position = record.cursor ?? ArchivedEventStore.Position(time: record.eventStart, sequence: -1)
        let (page, isThere) = try await database.read { transaction in
            let page = try ArchivedEventStore.page(
                of: record.archive, after: position, until: record.eventEnd, limit: ReplayRunner.pageSize,
                byteLimit: ReplayRunner.pageBytes, in: transaction)
            return (page, try ArchiveStore.exists(record.archive, in: transaction))
        }
        guard isThere else { return try await end(record, .failed, reason: "The archive was deleted.") }
        guard let last = page.last else { return try await end(record, .completed, reason: nil) }
        let events = page.compactMap { entry -> BusEvent? in
            var event = BusEvent(stored: entry.body)
            event?.bus = bus
            event?.replayName = record.name
            return event
        }
        let rules = record.filterARNs.isEmpty ? nil : Set(record.filterARNs)
        try await router.put(events, only: rules, with: [ReplayStore.advance(record, to: last.position)])
        return .more
    }

    private func end(_ record: ReplayRecord, _ state: ReplayRecord.State, reason: String?) async throws -> Progress {
        try await database.apply([ReplayStore.move(record, to: state, reason: reason, endedAt: clock.now.wall)])
        logger.info(
            "a replay has ended",
            metadata: ["replay": "\(record.name)", "account": "\(record.account)", "state": "\(state.rawValue)"])
        return .over
    }
}

extension ReplayRecord {
    /// The name of the bus that the events go to; nil when the ARN names none.
    fileprivate var bus: String? {
        destinationARN.split(separator: ":", maxSplits: 5).last.flatMap { resource in
            resource.hasPrefix("event-bus/") ? String(resource.dropFirst("event-bus/".count)) : nil
        }
    }
}
