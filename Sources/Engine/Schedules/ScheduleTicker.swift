package import Logging
import ScheduleExpressions
import ServiceLifecycle
import StatesInterpreter
package import Store
import TimeSource

/// Fires the rules that are due, by the wall clock.
///
/// A tick is one transaction: the record of the tick, a delivery for each target under an id fixed beforehand, and the next due time. So
/// it fires exactly once, whenever the server stops. `docs/architecture/a-tick-fires.md` describes the path.
package final class ScheduleTicker: Service {
    /// The wall clock is looked at least so often, in case it is set forward.
    private static let longestPause = Duration.seconds(10)
    /// By how much the wall clock must go back to be taken as set back.
    private static let tolerance = Duration.seconds(1)
    /// Ticks that are read, and then committed, together.
    private static let page = 100

    private let database: any Database
    private let clock: EngineClock
    private let deliveries: DeliveryQueue
    private let region: String
    private let hold: HoldGate
    private let logger: Logger
    private let doorbell = Doorbell()

    /// A ticker that hands its deliveries to a queue.
    package init(
        database: any Database, clock: EngineClock, deliveries: DeliveryQueue, region: String, hold: HoldGate = HoldGate(), logger: Logger
    ) {
        self.database = database
        self.clock = clock
        self.deliveries = deliveries
        self.region = region
        self.hold = hold
        self.logger = logger
    }

    /// Looks at the due times anew. To be called after a change of them was committed.
    package func wake() {
        doorbell.ring()
    }

    /// Fires what is due until the server stops.
    package func run() async throws {
        guard await hold.waitUnlessStopped() else { return }
        await cancelWhenGracefulShutdown { await self.follow() }
    }

    private func follow() async {
        var seen: Timestamp?
        while !Task.isCancelled {
            let pause: Duration
            do {
                let now = clock.now.wall
                // At the start too: the clock may have been set back while there was no server.
                if seen.map({ now < $0 - ScheduleTicker.tolerance }) ?? true { try await advanceDueTimes(to: now) }
                seen = now
                pause = try await fireDue()
            } catch {
                logger.error("reading due schedules failed; trying again", metadata: ["error": "\(error)"])
                pause = .seconds(1)
            }
            await doorbell.wait(upTo: pause, clock)
        }
    }

    /// Fires everything that is due and tells how long to pause then.
    package func fireDue() async throws -> Duration {
        while !Task.isCancelled {
            let now = clock.now
            let (ticks, next) = try await database.read { [region] transaction in
                let upcoming = try ScheduleStore.due(limit: ScheduleTicker.page, in: transaction)
                let ticks = try upcoming.prefix { $0.at <= now.wall }.map {
                    try FiringTick.read($0, engine: now.engine, wall: now.wall, region: region, in: transaction)
                }
                return (ticks, upcoming.dropFirst(ticks.count).first?.at)
            }
            guard !ticks.isEmpty else {
                return max(.milliseconds(1), min(ScheduleTicker.longestPause, next.map { $0 - now.wall } ?? .seconds(10)))
            }
            // Side by side, so that the database commits them as a group.
            await withTaskGroup(of: Void.self) { group in
                for tick in ticks { group.addTask { await self.fire(tick) } }
            }
        }
        return .zero
    }

    private func fire(_ tick: FiringTick) async {
        do {
            try await database.apply(tick.batch)
        } catch {
            guard error.code == .conflict else {
                logger.error("a tick cannot be recorded; trying again", metadata: metadata(tick, ["error": "\(error)"]))
                // What may have been written must be delivered; a delivery that is not there is forgotten again.
                if error.outcome == .unknown { deliveries.offer(tick.deliveries) }
                // When it was not written, the due time still stands and the next round finds it; not at once, since the database is in
                // trouble.
                try? await clock.sleep(for: .seconds(1))
                return
            }
            // The rule was changed meanwhile; what is due now is read anew.
            logger.debug("a rule changed while it fired", metadata: metadata(tick))
            return
        }
        deliveries.offer(tick.deliveries)
        report(tick)
    }

    /// Brings due times forward that lie too far ahead, because they were computed while the wall clock was ahead. Times that had their
    /// tick then do not fire again: it is recorded.
    private func advanceDueTimes(to now: Timestamp) async throws {
        var position: ScheduleStore.Due? = ScheduleStore.Due(at: now, schedule: "")
        while let last = position {
            let (page, moved) = try await database.read { transaction in
                let page = try ScheduleStore.due(after: last, limit: ScheduleTicker.page, in: transaction)
                let moved = try page.compactMap { due -> [Statement]? in
                    guard let rule = try RuleStore.find(id: due.schedule, in: transaction),
                        let next = rule.schedule?.next(after: now, anchor: rule.anchorAt), next < due.at
                    else { return nil }
                    return [
                        ScheduleStore.takeDue(due), ScheduleStore.addDue(ScheduleStore.Due(at: next, schedule: due.schedule)),
                        RuleStore.requireUnchanged(rule),
                    ]
                }
                return (page, moved)
            }
            for batch in moved {
                do {
                    try await database.apply(batch)
                } catch {
                    // Whoever changed the rule meanwhile planned it by the clock as it is now.
                    guard error.code == .conflict else { throw error }
                }
            }
            position = page.count == ScheduleTicker.page ? page.last : nil
        }
    }

    private func report(_ tick: FiringTick) {
        guard let decision = tick.decision else {
            logger.error("a schedule is due whose rule cannot be read; it is dropped", metadata: metadata(tick))
            return
        }
        if let missed = decision.missed {
            logger.warning(
                "ticks were missed", metadata: metadata(tick, ["from": "\(missed.from)", "until": "\(missed.until)"]))
        }
        for fault in tick.faults {
            logger.error(
                "a rule's target cannot be called", metadata: metadata(tick, ["target": "\(fault.target)", "reason": "\(fault.reason)"]))
        }
        if let fires = decision.fires {
            logger.info(
                "a rule fired", metadata: metadata(tick, ["due": "\(fires)", "deliveries": "\(tick.deliveries.count)"]))
        }
    }

    private func metadata(_ tick: FiringTick, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
        let rule: Logger.Metadata = ["rule": "\(tick.rule?.arn(region: region) ?? tick.due.schedule)"]
        return rule.merging(more) { first, _ in first }
    }
}
