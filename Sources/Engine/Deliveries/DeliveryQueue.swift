package import Logging
import ServiceLifecycle
import StatesInterpreter
package import Store
import Synchronization
import TimeSource

/// Hands deliveries to their targets: at once after the commit that made them, again when an attempt failed, and after any crash.
///
/// A producer writes the rows (`DeliveryStore.add`) in the transaction that decides to deliver, and then calls `offer`.
/// `docs/architecture/deliver-a-message.md` lists what happens to each kind.
package final class DeliveryQueue: Service {
    private struct State {
        /// What came due before this has been handed to its lane.
        var position = DeliveryStore.DuePosition(nextAt: .epoch, id: "")
        /// The loop looks again at this time. Largest while it looks, so that whatever is postponed meanwhile makes it look again.
        var wakesAt = Timestamp(milliseconds: .max)
        var isStopping = false
    }

    /// What is told of a delivery whose attempt a crash cut off.
    package static let unknownOutcomeReason = "The server stopped during the attempt; whether it arrived is not known."

    private static let page = 1_000
    /// The loop looks at least so often, and looks for what was missed more often.
    private static let longestPause = Duration.seconds(60)
    private static let refillPause = Duration.seconds(5)
    /// How long attempts may go on after the server was asked to stop.
    private static let drainTime = Duration.seconds(5)

    private let database: any Database
    private let clock: EngineClock
    private let hold: HoldGate
    private let logger: Logger
    private let lanes: [String: DeliveryLane]
    private let doorbell: Doorbell
    private let state: StateBox

    /// Shared with the lanes, which exist before the queue does.
    private final class StateBox: Sendable {
        let state = Mutex(State())
    }

    /// A queue with one performer for each kind. Nothing is attempted before `run()`.
    /// - Parameters:
    ///   - queues: takes dead letters; without it what has a dead-letter queue is kept among the failed ones.
    ///   - capacity: how many ids of each kind wait in memory at most; the others wait in the database alone.
    package init(
        database: any Database, clock: EngineClock, performers: [any DeliveryPerformer], queues: (any QueueSender)? = nil,
        capacity: Int = 10_000, hold: HoldGate = HoldGate(), logger: Logger
    ) {
        self.database = database
        self.clock = clock
        self.hold = hold
        self.logger = logger
        let doorbell = Doorbell()
        let state = StateBox()
        self.doorbell = doorbell
        self.state = state
        var lanes: [String: DeliveryLane] = [:]
        for performer in performers {
            precondition(lanes[performer.kind] == nil, "two performers deliver the kind \(performer.kind)")
            lanes[performer.kind] = DeliveryLane(
                performer: performer, capacity: capacity, database: database, queues: queues, clock: clock, logger: logger,
                postponed: { position, lane in
                    let (isDue, isEarlier) = state.state.withLock { ($0.position > position, $0.wakesAt > position.nextAt) }
                    // The loop has passed this time already and will not find it.
                    if isDue { lane.add(position.id) } else if isEarlier { doorbell.ring() }
                }, hasRoom: { doorbell.ring() })
        }
        self.lanes = lanes
    }

    /// Takes deliveries whose rows are committed.
    package func offer(_ records: some Sequence<DeliveryRecord>) {
        for record in records { lanes[record.kind]?.add(record.id) }
    }

    /// Decides about what an earlier server left started, then delivers until the server stops.
    package func run() async throws {
        guard await hold.waitUnlessStopped() else { return }
        try await recover()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.serve() }
            group.addTask {
                try? await gracefulShutdown()
                self.stop()
                try? await self.clock.sleep(for: DeliveryQueue.drainTime)
            }
            // Either everything under way has ended, or the time for it is over.
            await group.next()
            group.cancelAll()
        }
    }

    private func stop() {
        state.state.withLock { $0.isStopping = true }
        for lane in lanes.values { lane.stop() }
        doorbell.ring()
    }

    private func serve() async {
        await withTaskGroup(of: Void.self) { group in
            for lane in lanes.values { group.addTask { await lane.run() } }
            group.addTask { await self.followDueTimes() }
        }
    }

    /// Settles attempts that were under way when the server died. Before anything new is attempted, so that no attempt of this
    /// server can be mistaken for one of the last.
    private func recover() async throws {
        var last = ""
        while true {
            let records = try await database.read { [last] in
                try DeliveryStore.startedBefore(after: last, limit: 100, in: $0)
            }
            for record in records {
                guard let lane = lanes[record.kind] else {
                    logger.error("nothing delivers this kind", metadata: ["delivery": "\(record.id)", "kind": "\(record.kind)"])
                    continue
                }
                await lane.recover(record)
            }
            guard records.count == 100, let record = records.last else { return }
            last = record.id
        }
    }

    private func followDueTimes() async {
        while !Task.isCancelled, !state.state.withLock({ $0.isStopping }) {
            let pause: Duration
            do {
                pause = try await handOverDue()
            } catch {
                logger.error("reading due deliveries failed; trying again", metadata: ["error": "\(error)"])
                pause = .seconds(1)
            }
            await doorbell.wait(upTo: pause, clock)
        }
    }

    /// Hands over what is due and tells how long to pause then.
    private func handOverDue() async throws -> Duration {
        for lane in lanes.values { try await lane.refill() }
        let now = clock.now.engine
        // Moved before the database is read: what is postponed meanwhile to a time that has passed is either read or handed over
        // by its lane, never missed.
        let end = DeliveryStore.DuePosition(nextAt: now + .milliseconds(1), id: "")
        let begin = state.state.withLock { state in
            defer { state.position = max(state.position, end) }
            state.wakesAt = Timestamp(milliseconds: .max)
            return state.position
        }
        do {
            try await handOver(after: begin, until: now)
            let next = try await database.read { try DeliveryStore.nextDue(after: end, in: $0) }
            let limit = lanes.values.contains(where: \.hasMissed) ? DeliveryQueue.refillPause : DeliveryQueue.longestPause
            let later = clock.now.engine
            let pause = next.map { max(.milliseconds(1), min(limit, $0 - later)) } ?? limit
            state.state.withLock { $0.wakesAt = later + pause }
            return pause
        } catch {
            state.state.withLock { $0.position = min($0.position, begin) }
            throw error
        }
    }

    private func handOver(after begin: DeliveryStore.DuePosition, until now: Timestamp) async throws {
        var position = begin
        while true {
            let due = try await database.read { [position] in
                try DeliveryStore.due(after: position, until: now, limit: DeliveryQueue.page, in: $0)
            }
            for delivery in due { lanes[delivery.kind]?.add(delivery.position.id) }
            guard due.count == DeliveryQueue.page, let last = due.last else { return }
            position = last.position
        }
    }
}
