import Synchronization

/// Work for the pool's task group, handed over from any thread.
///
/// Unlike an `AsyncStream` it does not end by cancellation and loses nothing then: each job has somebody waiting for its outcome.
final class JobQueue<Job: Sendable>: Sendable {
    private struct State {
        var jobs: [Job] = []
        var waiter: CheckedContinuation<[Job], Never>?
        var isFinished = false
    }

    private let state = Mutex(State())

    /// Adds a job; false when the queue is finished and takes no more.
    @discardableResult
    func push(_ job: Job) -> Bool {
        let (isTaken, waiter) = state.withLock { state -> (Bool, CheckedContinuation<[Job], Never>?) in
            guard !state.isFinished else { return (false, nil) }
            guard let waiter = state.waiter else {
                state.jobs.append(job)
                return (true, nil)
            }
            state.waiter = nil
            return (true, waiter)
        }
        waiter?.resume(returning: [job])
        return isTaken
    }

    /// The jobs that are there, as soon as there are any; none when the queue is finished. One task at a time.
    func next() async -> [Job] {
        await withCheckedContinuation { continuation in
            let jobs = state.withLock { state -> [Job]? in
                guard state.jobs.isEmpty, !state.isFinished else {
                    defer { state.jobs = [] }
                    return state.jobs
                }
                state.waiter = continuation
                return nil
            }
            if let jobs { continuation.resume(returning: jobs) }
        }
    }

    /// Ends the queue after the jobs that are in it.
    func finish() {
        let waiter = state.withLock { state in
            state.isFinished = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: [])
    }
}
