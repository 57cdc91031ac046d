import ServiceLifecycle
import Synchronization
package import TimeSource

/// Whether the server may act on the world. Data that was restored from a backup is *held*: it is read and managed as ever, and what is
/// decided is stored, but effects, due timers, ticks, deliveries and offers to nodes wait until an operator releases it.
///
/// `docs/architecture/backup.md` lists what waits where. Opened once, never closed again in the life of a process.
package final class HoldGate: Sendable {
    private struct State {
        var releasedAt: Timestamp?
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    /// How many restores the data has behind it.
    package let generation: Int64
    private let held: Atomic<Bool>
    private let state = Mutex(State())

    /// A gate that is open, or held until `release`.
    package init(isHeld: Bool = false, generation: Int64 = 0) {
        self.generation = generation
        held = Atomic(isHeld)
    }

    /// Whether everything waits. Cheap enough to ask for each effect.
    package var isHeld: Bool { held.load(ordering: .acquiring) }

    /// When this process was released, in engine time; nil when it was not held, or still is.
    package var releasedAt: Timestamp? { state.withLock { $0.releasedAt } }

    /// Lets everything go on, for good. To be called after the release is durable.
    package func release(at now: Timestamp) {
        let waiters = state.withLock { state in
            guard isHeld else { return [CheckedContinuation<Void, Never>]() }
            state.releasedAt = now
            held.store(false, ordering: .releasing)
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until everything may go on; ends early when the task is cancelled.
    package func wait() async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // Asked with the lock held: a handler that ran before found no waiter, one that runs later will find it.
                    guard isHeld, !Task.isCancelled else { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }

    /// Waits as a service does: until everything may go on, or the server stops.
    /// - Returns: false when the server stops first.
    package func waitUnlessStopped() async -> Bool {
        guard isHeld else { return true }
        await cancelWhenGracefulShutdown { await self.wait() }
        return !isHeld && !Task.isCancelled
    }
}
