import Synchronization

/// Bounds what Express executions hold in memory, in number and in bytes of payloads.
final class ExpressAdmission: Sendable {
    private struct State {
        var executions = 0
        var bytes = 0
        var callers = 0
    }

    private let executions: Int
    private let bytes: Int
    private let state = Mutex(State())

    /// Room for this many executions and bytes.
    init(executions: Int, bytes: Int) {
        self.executions = executions
        self.bytes = bytes
    }

    /// True while nobody waits for an execution's outcome.
    var hasNoCallers: Bool { state.withLock { $0.callers == 0 } }

    /// Lets an execution in; false when there is no room.
    func enter(bytes: Int, isAwaited: Bool) -> Bool {
        state.withLock { state in
            guard state.executions < executions, state.bytes + bytes <= self.bytes || state.executions == 0 else { return false }
            state.executions += 1
            state.bytes += bytes
            if isAwaited { state.callers += 1 }
            return true
        }
    }

    /// Notes that an execution inside holds more, or less.
    func change(by bytes: Int) {
        state.withLock { $0.bytes += bytes }
    }

    /// Lets an execution out that holds so many bytes.
    func leave(bytes: Int, isAwaited: Bool) {
        state.withLock { state in
            state.executions -= 1
            state.bytes -= bytes
            if isAwaited { state.callers -= 1 }
        }
    }
}
