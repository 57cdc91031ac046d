import Logging
import StatesInterpreter
import Store
import Synchronization
import TimeSource

/// Takes the messages of one queue to one function: long polls, batches, invocations side by side.
///
/// A message is deleted after the function has processed it. One that it failed at is left alone: it becomes visible again when its
/// visibility timeout is over, as on AWS. So is everything that a crash cuts off.
final class QueuePoller: Sendable {
    /// What a poller works with.
    struct Dependencies: Sendable {
        let queues: QueueEngine
        let invoker: any EventSourceInvoker
        let clock: EngineClock
        let identifiers: IdentifierSource
        /// Batches of one mapping side by side at most, whatever the mapping says.
        let ceiling: Int
        let logger: Logger
    }

    private struct State {
        var mapping: QueueMapping
        var concurrency: BatchConcurrency
        var isStopping = false
    }

    /// Lambda's own long poll.
    private static let pollTime = Duration.seconds(20)
    /// How long nothing is asked for after the queue or the function was found missing, or the database unavailable.
    private static let absencePause = Duration.seconds(5)
    /// Bells are looked at again after this long, rung or not.
    private static let longestWait = Duration.seconds(60)

    let dependencies: Dependencies
    private let state: Mutex<State>
    private let jobs: TaskQueue
    /// Rung when a batch ended or the window was widened.
    private let room = Doorbell()
    /// Rung when the poller is to stop.
    private let stopped = Doorbell()

    init(_ mapping: QueueMapping, _ dependencies: Dependencies) {
        self.dependencies = dependencies
        jobs = TaskQueue(limit: max(1, dependencies.ceiling))
        state = Mutex(
            State(mapping: mapping, concurrency: BatchConcurrency(ceiling: QueuePoller.ceiling(mapping, dependencies.ceiling))))
    }

    /// The mapping was changed: the next batch goes by it.
    func update(_ mapping: QueueMapping) {
        state.withLock { state in
            state.mapping = mapping
            state.concurrency.setCeiling(QueuePoller.ceiling(mapping, dependencies.ceiling))
        }
        room.ring()
    }

    /// Asks for no more messages; `run` returns when the function is done with those that it has.
    func stop() {
        state.withLock { $0.isStopping = true }
        stopped.ring()
    }

    /// Polls until `stop()`, or until the task is cancelled: then invocations are cut off.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.jobs.run() }
            await withTaskGroup(of: Void.self) { polling in
                polling.addTask { await self.poll() }
                polling.addTask { await self.waitForStop() }
                await polling.next()
                // A long poll that is under way ends empty.
                polling.cancelAll()
            }
            jobs.finish()
        }
    }

    /// Whether nothing new is to be begun.
    var isStopping: Bool { Task.isCancelled || state.withLock { $0.isStopping } }

    /// The function could not be started for now.
    func throttle() {
        state.withLock { $0.concurrency.throttle() }
    }

    // MARK: - Polling

    private func waitForStop() async {
        while !isStopping { await stopped.wait(upTo: QueuePoller.longestWait, dependencies.clock) }
    }

    private func poll() async {
        while !isStopping {
            guard state.withLock({ $0.concurrency.hasRoom }) else {
                await room.wait(upTo: QueuePoller.longestWait, dependencies.clock)
                continue
            }
            let mapping = state.withLock { $0.mapping }
            guard dependencies.invoker.exists(function: mapping.function, account: mapping.queue.account) else {
                await pause()
                continue
            }
            do throws(QueueError) {
                let messages = try await collect(mapping)
                if !messages.isEmpty { begin(messages, mapping) }
            } catch {
                dependencies.logger.warning(
                    "a queue cannot be polled for a function",
                    metadata: ["queue": "\(mapping.queueARN)", "mapping": "\(mapping.id)", "error": "\(error)"])
                await pause()
            }
        }
    }

    /// The messages of one batch: those that are there at once, or those of the batching window.
    private func collect(_ mapping: QueueMapping) async throws(QueueError) -> [ReceivedMessage] {
        let settings = mapping.settings
        var messages = try await receive(mapping, settings.batchSize, QueuePoller.pollTime)
        guard !messages.isEmpty, settings.batchingWindow > .zero else { return messages }
        let clock = dependencies.clock
        let end = clock.monotonic + settings.batchingWindow
        var size = QueuePoller.size(messages)
        while messages.count < settings.batchSize, size < QueueBatch.sizeLimit, !isStopping {
            let rest = end - clock.monotonic
            guard rest > .zero else { break }
            // What came before is not to wait for a queue that went away.
            guard let more = try? await receive(mapping, settings.batchSize - messages.count, min(rest, QueuePoller.pollTime)) else {
                break
            }
            // One whose visibility timeout is shorter than the window may come again: the later receipt counts.
            let again = Set(more.map(\.messageID))
            messages.removeAll { again.contains($0.messageID) }
            messages += more
            size += QueuePoller.size(more)
        }
        return messages
    }

    private func receive(_ mapping: QueueMapping, _ count: Int, _ wait: Duration) async throws(QueueError) -> [ReceivedMessage] {
        try await dependencies.queues.receive(ReceiveRequest(queue: mapping.queue, maxMessages: min(10, count), wait: wait))
    }

    private func begin(_ messages: [ReceivedMessage], _ mapping: QueueMapping) {
        state.withLock { $0.concurrency.begin() }
        let run = QueueBatchRun(mapping: mapping, poller: self)
        jobs.submit {
            let wasThrottled = await run.process(messages)
            self.state.withLock { $0.concurrency.end(wasThrottled: wasThrottled) }
            self.room.ring()
        }
    }

    private func pause() async {
        try? await dependencies.clock.sleep(for: QueuePoller.absencePause)
    }

    private static func size(_ messages: [ReceivedMessage]) -> Int {
        messages.reduce(0) { $0 + $1.body.utf8.count }
    }

    private static func ceiling(_ mapping: QueueMapping, _ most: Int) -> Int {
        min(mapping.settings.maximumConcurrency ?? most, most)
    }
}
