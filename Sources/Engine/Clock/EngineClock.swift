package import StatesInterpreter
import Synchronization
package import TimeSource

/// The two times of the engine (core rule 5).
///
/// Engine time is a persisted high-water mark plus the time since boot, slewed to the wall clock and never going back: a wall
/// clock set back delays nothing and one set forward makes nothing due early. Wall time is the wall clock.
package final class EngineClock: Sendable {
    private struct State {
        var engine: Timestamp
        var monotonic: MonotonicInstant
        /// Milliseconds of real time for which no correction was made yet: many short readings allow as much as a long one.
        var unslewed: Int64 = 0
    }

    /// How fast engine time may run while it follows the wall clock: 5 % faster or slower than real time.
    private static let slew = 20

    private let source: any ClockSource
    private let state: Mutex<State>

    /// A clock that goes on from the persisted mark; at the start it may jump forward to the wall clock, never back.
    package init(source: any ClockSource, highWaterMark: Timestamp) {
        self.source = source
        state = Mutex(State(engine: max(highWaterMark, source.now), monotonic: source.monotonic))
    }

    /// Both times of this moment.
    package var now: Instants {
        let wall = source.now
        let monotonic = source.monotonic
        let engine = state.withLock { state in
            let elapsed = monotonic - state.monotonic
            // Whole milliseconds only, so that the rest is not lost when the clock is read often.
            let milliseconds = elapsed.wholeMilliseconds
            guard milliseconds > 0 else { return state.engine }
            let target = wall.milliseconds - (state.engine.milliseconds + milliseconds)
            let bound = (state.unslewed + milliseconds) / Int64(EngineClock.slew)
            state.unslewed = (state.unslewed + milliseconds) % Int64(EngineClock.slew)
            let correction = Swift.max(-bound, Swift.min(bound, target))
            state.engine = Timestamp(milliseconds: state.engine.milliseconds + milliseconds + correction)
            state.monotonic = state.monotonic + .milliseconds(milliseconds)
            return state.engine
        }
        return Instants(engine: engine, wall: wall)
    }

    /// The time since boot, by which `sleep` waits.
    var monotonic: MonotonicInstant { source.monotonic }

    /// Waits until an instant of the time since boot.
    package func sleep(until instant: MonotonicInstant) async throws {
        try await source.sleep(until: instant)
    }

    /// Waits for this long by the time since boot.
    package func sleep(for duration: Duration) async throws {
        try await source.sleep(for: duration)
    }
}
