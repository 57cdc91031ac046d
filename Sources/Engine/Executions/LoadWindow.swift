import Synchronization

/// Bounds how many executions wait to be read for what has no caller: timers that are due, effects that an earlier life left. Who
/// brings them waits for room, so that a hundred thousand of the same second cost disk, not memory.
final class LoadWindow: Sendable {
    private struct State {
        /// Posted to the lane and not yet handled.
        var posted = 0
        /// What the lane waits for.
        var backlog = 0
        var isAwaited = false
    }

    /// Rings when there is room again for who found none.
    let bell = Doorbell()
    private let limit: Int
    private let state = Mutex(State())

    /// A window of so many executions.
    init(limit: Int) {
        self.limit = limit
    }

    /// How many more may be posted.
    var room: Int { state.withLock { max(0, limit - $0.posted - $0.backlog) } }

    /// Whether there is room; when not, the bell rings as soon as half of the window is free.
    func claimsRoom() -> Bool {
        state.withLock { state in
            state.isAwaited = state.posted + state.backlog >= limit
            return !state.isAwaited
        }
    }

    /// So many are being posted.
    func post(_ count: Int) {
        state.withLock { $0.posted += count }
    }

    /// The lane has taken so many of them, and so many executions are to be read or to be committed.
    func report(handled: Int, backlog: Int) {
        let hasRoom = state.withLock { state in
            state.posted -= handled
            state.backlog = backlog
            guard state.isAwaited, state.posted + backlog <= limit / 2 else { return false }
            state.isAwaited = false
            return true
        }
        if hasRoom { bell.ring() }
    }
}
