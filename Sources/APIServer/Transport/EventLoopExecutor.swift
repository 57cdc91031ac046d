import NIOCore

/// Runs tasks on a connection's event loop, so that a request is read, answered and written by one thread.
///
/// Without it each request wakes a thread of Swift's pool and, for each part of its answer, the event loop again; on two cores
/// that costs a third of a small request. What takes long must leave the loop: see `OperationCall`.
final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    /// An executor on this event loop.
    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
