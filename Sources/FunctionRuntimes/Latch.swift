import Synchronization
import TimeSource

/// A value that is set once, and for which one task waits.
///
/// Waiting does not end by cancellation: whoever makes a latch sees to it that every path resolves it.
final class Latch<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case awaited(CheckedContinuation<Value, Never>)
        case resolved(Value)
    }

    private let state = Mutex(State.empty)

    /// The value, if it is set.
    var value: Value? {
        state.withLock { if case .resolved(let value) = $0 { value } else { nil } }
    }

    /// Sets the value; the first one wins. Returns whether this was it.
    @discardableResult
    func resolve(_ value: Value) -> Bool {
        let (first, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Value, Never>?) in
            switch state {
            case .resolved: return (false, nil)
            case .empty:
                state = .resolved(value)
                return (true, nil)
            case .awaited(let waiter):
                state = .resolved(value)
                return (true, waiter)
            }
        }
        waiter?.resume(returning: value)
        return first
    }

    /// The value, once it is set.
    func wait() async -> Value {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state -> Value? in
                switch state {
                case .resolved(let value): return value
                case .empty: state = .awaited(continuation)
                case .awaited: preconditionFailure("one task waits for a latch")
                }
                return nil
            }
            if let value { continuation.resume(returning: value) }
        }
    }

    /// The value; when it is not there at the deadline, `expire` is called, which must see to it that it is soon.
    func wait(until deadline: MonotonicInstant, on clock: any ClockSource, expire: @escaping @Sendable () -> Void) async -> Value {
        if let value { return value }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await clock.sleep(until: deadline) } catch { return }
                expire()
            }
            let value = await wait()
            group.cancelAll()
            return value
        }
    }
}
