import Logging
import StatesInterpreter
import Store
import Synchronization
import TimeSource

/// The near horizon of the due-time index: a bounded number of the timers that come due next are in memory, the others in the
/// database.
///
/// A timer is armed here after its row is committed. The horizon is moved in memory before the database is read for it, so a
/// timer committed meanwhile is either read or armed, never missed. Each clock has its own horizon, as one may be hours ahead.
final class TimerQueue: Sendable {
    private struct State {
        var engine: NearTimers
        var wall: NearTimers

        subscript(clock: ExecutionTimer.Clock) -> NearTimers {
            get {
                switch clock {
                case .engine: engine
                case .wall: wall
                }
            }
            _modify {
                switch clock {
                case .engine: yield &engine
                case .wall: yield &wall
                }
            }
        }
    }

    /// How far ahead timers are read, when they are few.
    private static let reach = Duration.seconds(60)
    private static let page = 5_000
    /// How many are handed over at a time.
    private static let step = 1_000
    /// The wall clock is looked at so often, in case it was set forward.
    private static let longestPause = Duration.seconds(1)

    private let database: any Database
    private let clock: EngineClock
    private let window: LoadWindow
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameters:
    ///   - capacity: how many timers of each clock are in memory at most, nearly.
    ///   - window: bounds what is fired and not yet taken.
    init(database: any Database, clock: EngineClock, window: LoadWindow, capacity: Int = 100_000, logger: Logger) {
        self.database = database
        self.clock = clock
        self.window = window
        self.logger = logger
        state = Mutex(State(engine: NearTimers(capacity: capacity), wall: NearTimers(capacity: capacity)))
    }

    /// Takes a timer whose row is committed.
    func arm(_ timer: ExecutionTimer) {
        if state.withLock({ $0[timer.clock].arm(NearTimers.Entry(timer)) }) { window.bell.ring() }
    }

    /// Forgets a timer whose row is deleted.
    func disarm(_ timer: ExecutionTimer) {
        state.withLock { $0[timer.clock].disarm(NearTimers.Entry(timer)) }
    }

    /// Fires timers when they are due until the surrounding task is cancelled. No more than the window allows are fired before
    /// the lane has taken them.
    func run(_ fire: @Sendable ([ExecutionTimer]) -> Void) async throws {
        while true {
            try Task.checkCancellation()
            var pause = TimerQueue.longestPause
            for clock in ExecutionTimer.Clock.allCases {
                // What failed is tried again after the longest pause.
                await extendHorizon(clock)
                if window.claimsRoom() { pause = min(pause, fireDue(clock, fire)) }
            }
            if pause > .zero { await window.bell.wait(upTo: pause, self.clock) }
        }
    }

    private func now(_ clock: ExecutionTimer.Clock) -> Timestamp {
        switch clock {
        case .engine: self.clock.now.engine
        case .wall: self.clock.now.wall
        }
    }

    /// Fires what is due and tells how long to wait for the next; zero when more may be due.
    private func fireDue(_ clock: ExecutionTimer.Clock, _ fire: ([ExecutionTimer]) -> Void) -> Duration {
        let now = now(clock)
        let limit = min(TimerQueue.step, window.room)
        let (due, next) = state.withLock { state in
            (state[clock].takeDue(now, limit: limit), state[clock].nextDue)
        }
        if !due.isEmpty {
            window.post(due.count)
            fire(due.map { $0.timer(clock) })
        }
        // Less than a millisecond is no time to the database's instants.
        return next.map { $0 <= now ? .zero : max(.milliseconds(1), $0 - now) } ?? TimerQueue.longestPause
    }

    /// Reads on when the horizon is near and there is room: as far as a minute ahead, or until memory has its share.
    private func extendHorizon(_ clock: ExecutionTimer.Clock) async {
        let now = now(clock)
        let wanted = NearTimers.Entry(due: (now + TimerQueue.reach).milliseconds, execution: .min)
        let (old, room) = state.withLock { state -> (NearTimers.Entry, Int) in
            let old = state[clock].end
            guard old.due < (now + TimerQueue.reach * 0.5).milliseconds, state[clock].room > 0 else { return (old, 0) }
            state[clock].extend(to: wanted)
            return (old, state[clock].room)
        }
        guard room > 0 else { return }
        var left = room
        var last: ExecutionTimer? = ExecutionTimer(
            execution: ExecutionID(value: old.execution == .min ? -1 : old.execution - 1),
            due: Timestamp(milliseconds: max(old.due, -1)), clock: clock)
        while let after = last {
            do {
                let limit = min(left, TimerQueue.page)
                let timers = try await database.read { transaction in
                    try TimerStore.due(
                        by: clock, before: Timestamp(milliseconds: wanted.due), after: after, limit: limit, in: transaction)
                }
                left -= timers.count
                last = timers.count == limit ? timers.last : nil
                state.withLock { state in
                    for timer in timers { state[clock].add(NearTimers.Entry(timer)) }
                    // The last one read is the last in memory.
                    if left == 0, let last { state[clock].cut(to: NearTimers.Entry(last).next) }
                }
                if left == 0 { return }
            } catch {
                logger.error("reading due timers failed; trying again", metadata: ["error": "\(error)"])
                state.withLock { $0[clock].cut(to: old) }
                return
            }
        }
    }
}

extension NearTimers.Entry {
    /// The entry of a timer.
    init(_ timer: ExecutionTimer) {
        self.init(due: timer.due.milliseconds, execution: timer.execution.value)
    }

    /// The timer of an entry.
    func timer(_ clock: ExecutionTimer.Clock) -> ExecutionTimer {
        ExecutionTimer(execution: ExecutionID(value: execution), due: Timestamp(milliseconds: due), clock: clock)
    }

    /// The least entry behind this one.
    var next: NearTimers.Entry { NearTimers.Entry(due: due, execution: execution + 1) }
}
