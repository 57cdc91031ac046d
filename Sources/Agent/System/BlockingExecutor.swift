import Dispatch

/// Runs an actor's jobs on a queue of their own, so that its file operations and fsyncs never block the shared pool.
final class BlockingExecutor: SerialExecutor {
    /// Serial; what is put on it comes between jobs of the actor.
    let queue: DispatchQueue

    /// An executor whose threads carry `label`.
    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        queue.async { unowned.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }
}
