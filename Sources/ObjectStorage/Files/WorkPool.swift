import Synchronization
import Threading

/// A few threads for work that waits for the disk or computes for long, which Swift's own pool must not do.
final class WorkPool: Sendable {
    typealias Job = @Sendable () -> Void

    private struct State {
        var jobs: [Job] = []
        /// Where the first job is; those before are taken.
        var first = 0
        var idle: [Mailbox<Job>] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    /// A pool of so many threads.
    init(name: String, threads: Int) {
        for _ in 0..<threads {
            let mailbox = Mailbox<Job>()
            state.withLock { $0.idle.append(mailbox) }
            _ = DedicatedThread(name: name) { [self] in work(mailbox) }
        }
    }

    /// Has a job done, after those that came before.
    func submit(_ job: @escaping Job) {
        let mailbox = state.withLock { state -> Mailbox<Job>? in
            if let mailbox = state.idle.popLast() { return mailbox }
            state.jobs.append(job)
            return nil
        }
        mailbox?.post(job)
    }

    /// Does something on one of the threads and returns what it does.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws(ObjectFileError) -> Value) async throws(ObjectFileError) -> Value {
        let result: Result<Value, ObjectFileError> = await withCheckedContinuation { continuation in
            submit {
                do throws(ObjectFileError) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    /// Ends the threads after the jobs that are waiting.
    func close() {
        let idle = state.withLock { state in
            state.isClosed = true
            let idle = state.idle
            state.idle = []
            return idle
        }
        for mailbox in idle { mailbox.close() }
    }

    private func work(_ mailbox: Mailbox<Job>) {
        while let jobs = mailbox.drain() {
            for job in jobs { job() }
            while let job = next(for: mailbox) { job() }
        }
    }

    /// The next job that waits; without one the thread is idle again.
    private func next(for mailbox: Mailbox<Job>) -> Job? {
        state.withLock { state in
            guard state.first < state.jobs.count else {
                state.jobs.removeAll(keepingCapacity: state.jobs.count < 1024)
                state.first = 0
                if state.isClosed { mailbox.close() } else { state.idle.append(mailbox) }
                return nil
            }
            let job = state.jobs[state.first]
            state.jobs[state.first] = {}
            state.first += 1
            if state.first >= 1024, state.first * 2 > state.jobs.count {
                state.jobs.removeFirst(state.first)
                state.first = 0
            }
            return job
        }
    }
}

/// Jobs that are done one after the other, in order, on whichever thread of a pool is free.
final class WorkLine: Sendable {
    private struct State {
        var jobs: [WorkPool.Job] = []
        var isRunning = false
    }

    private let pool: WorkPool
    private let state = Mutex(State())

    /// A line of a pool.
    init(_ pool: WorkPool) {
        self.pool = pool
    }

    /// Adds a job to the end.
    func add(_ job: @escaping WorkPool.Job) {
        let starts = state.withLock { state in
            state.jobs.append(job)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if starts { pool.submit { [self] in run() } }
    }

    private func run() {
        while true {
            let jobs = state.withLock { state in
                let jobs = state.jobs
                state.jobs = []
                state.isRunning = !jobs.isEmpty
                return jobs
            }
            if jobs.isEmpty { return }
            for job in jobs { job() }
        }
    }
}
