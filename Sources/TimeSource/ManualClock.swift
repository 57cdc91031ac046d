import Synchronization

/// A clock that stands still until it is moved: time for tests.
///
/// Sleepers wake in the order of their deadlines, those with the same deadline in the order in which they went to sleep. Before each is
/// woken both clocks stand at its deadline. Waking only makes the sleeping task runnable; a test that wants to know that a task has
/// gone to sleep again awaits `sleepers(atLeast:)`.
package final class ManualClock: ClockSource {
    private struct Sleeper {
        var id: UInt64
        var deadline: MonotonicInstant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct Watcher {
        var count: Int
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now: Timestamp
        var monotonic = MonotonicInstant(nanoseconds: 0)
        /// Parts of a millisecond by which the wall clock is behind, so that small steps add up.
        var remainder: Int64 = 0
        var nextID: UInt64 = 0
        /// In the order in which they wake.
        var sleepers: [Sleeper] = []
        /// Ids of those about to enter `sleepers`; one that was cancelled meanwhile is missing here.
        var entering: Set<UInt64> = []
        var watchers: [Watcher] = []

        mutating func move(to instant: MonotonicInstant) {
            let nanoseconds = remainder + max(0, instant.nanoseconds - monotonic.nanoseconds)
            now.milliseconds += nanoseconds / 1_000_000
            remainder = nanoseconds % 1_000_000
            monotonic = max(monotonic, instant)
        }
    }

    private let state: Mutex<State>

    /// A clock whose wall clock shows `now` and whose monotonic clock stands at zero.
    package init(now: Timestamp = Timestamp(milliseconds: 1_767_225_600_000)) {
        state = Mutex(State(now: now))
    }

    /// What the wall clock was last set or advanced to.
    package var now: Timestamp { state.withLock { $0.now } }

    /// How far the clock was advanced since it was made.
    package var monotonic: MonotonicInstant { state.withLock { $0.monotonic } }

    /// The number of tasks that sleep right now.
    package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// When the next sleeper wakes, or nil when nobody sleeps.
    package var nextDeadline: MonotonicInstant? { state.withLock { $0.sleepers.first?.deadline } }

    /// Advances both clocks, waking every sleeper whose deadline is reached.
    package func advance(by duration: Duration) {
        let target = monotonic + duration
        while true {
            let woken: Sleeper? = state.withLock { state in
                guard let first = state.sleepers.first, first.deadline <= target else {
                    state.move(to: target)
                    return nil
                }
                state.move(to: first.deadline)
                return state.sleepers.removeFirst()
            }
            guard let woken else { return }
            woken.continuation.resume()
        }
    }

    /// Sets the wall clock alone, as an operator or a time service does; nobody wakes.
    package func setWallClock(to now: Timestamp) {
        state.withLock {
            $0.now = now
            $0.remainder = 0
        }
    }

    /// Returns as soon as at least `count` tasks sleep on this clock.
    package func sleepers(atLeast count: Int) async {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                guard state.sleepers.count < count else { return true }
                state.watchers.append(Watcher(count: count, continuation: continuation))
                return false
            }
            if ready { continuation.resume() }
        }
    }

    /// Sleeps until the clock is advanced to `deadline`.
    package func sleep(until deadline: MonotonicInstant) async throws {
        try Task.checkCancellation()
        let id = state.withLock { state in
            state.nextID += 1
            state.entering.insert(state.nextID)
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enter(Sleeper(id: id, deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            cancel(id)
        }
    }

    private enum Entry {
        case due
        case cancelled
        case asleep(watchers: [Watcher])
    }

    private func enter(_ sleeper: Sleeper) {
        let entry = state.withLock { state -> Entry in
            // The cancellation handler may have run before the continuation existed.
            guard state.entering.remove(sleeper.id) != nil else { return .cancelled }
            if sleeper.deadline <= state.monotonic { return .due }
            let place = state.sleepers.firstIndex { $0.deadline > sleeper.deadline } ?? state.sleepers.endIndex
            state.sleepers.insert(sleeper, at: place)
            let satisfied = state.watchers.filter { $0.count <= state.sleepers.count }
            state.watchers.removeAll { $0.count <= state.sleepers.count }
            return .asleep(watchers: satisfied)
        }
        switch entry {
        case .due: sleeper.continuation.resume()
        case .cancelled: sleeper.continuation.resume(throwing: CancellationError())
        case .asleep(let watchers): for watcher in watchers { watcher.continuation.resume() }
        }
    }

    private func cancel(_ id: UInt64) {
        let cancelled: Sleeper? = state.withLock { state in
            if state.entering.remove(id) != nil { return nil }
            // Absent also when it was woken just before: then it has nothing to be told.
            guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else { return nil }
            return state.sleepers.remove(at: index)
        }
        cancelled?.continuation.resume(throwing: CancellationError())
    }
}
