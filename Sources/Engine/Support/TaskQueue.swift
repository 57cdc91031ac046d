import Synchronization

/// Runs jobs handed over from synchronous code, at most `limit` at a time, as children of its own `run()`.
package final class TaskQueue: Sendable {
    package typealias Job = @Sendable () async -> Void

    private let jobs: AsyncStream<Job>
    private let continuation: AsyncStream<Job>.Continuation
    private let limit: Int
    private let unfinished = Mutex(0)

    /// True when every job that was handed over has ended.
    package var isIdle: Bool { unfinished.withLock { $0 == 0 } }

    /// A queue that runs this many jobs side by side.
    package init(limit: Int) {
        self.limit = limit
        (jobs, continuation) = AsyncStream.makeStream()
    }

    /// Queues a job. Never blocks.
    package func submit(_ job: @escaping Job) {
        unfinished.withLock { $0 += 1 }
        continuation.yield(job)
    }

    /// Runs jobs until the surrounding task is cancelled; then the running ones are cancelled and awaited.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await job in jobs {
                if running >= limit {
                    await group.next()
                    running -= 1
                }
                group.addTask { [self] in
                    await job()
                    unfinished.withLock { $0 -= 1 }
                }
                running += 1
            }
        }
    }

    /// Takes no more jobs; `run()` ends when those that were queued have ended.
    package func finish() {
        continuation.finish()
    }
}
