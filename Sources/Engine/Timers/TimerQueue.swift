import Logging
import StatesInterpreter
import Store
import Synchronization
import TimeSource

/// The near horizon of the due-time index: timers that come due within a minute are in memory, the others in the database.
///
/// A timer is armed here after its row is committed. The horizon is moved in memory before the database is read for it, so a
/// timer committed meanwhile is either read or armed, never missed.
final class TimerQueue: Sendable {
    private struct Entry: Comparable {
        let timer: ExecutionTimer

        static func < (left: Entry, right: Entry) -> Bool {
            (left.timer.due, left.timer.execution) < (right.timer.due, right.timer.execution)
        }
    }

    private struct State {
        var engine = BinaryHeap<Entry>()
        var wall = BinaryHeap<Entry>()
        /// What is armed; entries of the heaps that are not in here were disarmed.
        var armed: Set<ExecutionTimer> = []
        var horizon = Timestamp.epoch
    }

    private static let reach = Duration.seconds(60)
    private static let page = 1_000

    private let database: any Database
    private let clock: EngineClock
    private let logger: Logger
    private let state = Mutex(State())

    init(database: any Database, clock: EngineClock, logger: Logger) {
        self.database = database
        self.clock = clock
        self.logger = logger
    }

    /// Takes a timer whose row is committed.
    func arm(_ timer: ExecutionTimer) {
        state.withLock { state in
            guard timer.due < state.horizon else { return }
            TimerQueue.insert(timer, into: &state)
        }
    }

    /// Forgets a timer whose row is deleted.
    func disarm(_ timer: ExecutionTimer) {
        state.withLock { state in _ = state.armed.remove(timer) }
    }

    /// Fires timers when they are due until the surrounding task is cancelled.
    func run(_ fire: @Sendable (ExecutionTimer) -> Void) async throws {
        while !Task.isCancelled {
            let now = clock.now
            if state.withLock({ $0.horizon }) < max(now.engine, now.wall) + TimerQueue.reach * 0.5 {
                await extendHorizon(now)
            }
            for timer in takeDue(clock.now) { fire(timer) }
            try await clock.sleep(for: pause())
        }
    }

    private static func insert(_ timer: ExecutionTimer, into state: inout State) {
        guard state.armed.insert(timer).inserted else { return }
        switch timer.clock {
        case .engine: state.engine.insert(Entry(timer: timer))
        case .wall: state.wall.insert(Entry(timer: timer))
        }
    }

    private func extendHorizon(_ now: Instants) async {
        let (old, new) = state.withLock { state in
            let old = state.horizon
            state.horizon = max(now.engine, now.wall) + TimerQueue.reach
            return (old, state.horizon)
        }
        var last: ExecutionTimer? = ExecutionTimer(
            execution: ExecutionID(value: 0), due: old - .milliseconds(1), clock: .wall)
        while let after = last {
            do {
                let timers = try await database.read { transaction in
                    try TimerStore.due(before: new, after: after, limit: TimerQueue.page, in: transaction)
                }
                state.withLock { state in
                    for timer in timers { TimerQueue.insert(timer, into: &state) }
                }
                last = timers.count == TimerQueue.page ? timers.last : nil
            } catch {
                logger.error("reading due timers failed; trying again", metadata: ["error": "\(error)"])
                state.withLock { $0.horizon = old }
                return
            }
        }
    }

    private func takeDue(_ now: Instants) -> [ExecutionTimer] {
        state.withLock { state in
            var due: [ExecutionTimer] = []
            while let entry = state.engine.first, entry.timer.due <= now.engine {
                state.engine.popFirst()
                if state.armed.remove(entry.timer) != nil { due.append(entry.timer) }
            }
            while let entry = state.wall.first, entry.timer.due <= now.wall {
                state.wall.popFirst()
                if state.armed.remove(entry.timer) != nil { due.append(entry.timer) }
            }
            return due
        }
    }

    /// Until the next timer, at most a tenth of a second: a timer armed meanwhile is then late by less than that.
    private func pause() -> Duration {
        let now = clock.now
        return state.withLock { state in
            var pause = Duration.milliseconds(100)
            if let next = state.engine.first { pause = min(pause, next.timer.due - now.engine) }
            if let next = state.wall.first { pause = min(pause, next.timer.due - now.wall) }
            return max(pause, .milliseconds(1))
        }
    }
}
