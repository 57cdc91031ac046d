import Glibc
import Synchronization
import TimeSource
import UnixSignals

/// Runs a pool of workers: does what a `WorkerPlan` decides, and tells it what came of it.
final class WorkerSession: Sendable {
    /// The pause between two tries to settle a message.
    private static let settlePauses = [Duration.milliseconds(200), .milliseconds(500), .seconds(1), .seconds(2), .seconds(5)]

    private struct State {
        var processes: [Int: CommandProcess] = [:]
        var abandonReceive: AsyncStream<Void>.Continuation?
        /// Settlements are tried once more and no longer.
        var isHurried = false
        /// The refusal that ends the worker.
        var failure: (any Error)?
        /// Of a call for messages whose answer was lost.
        var attempt: String?
    }

    private let queue: WorkerQueue
    private let command: WorkerCommand
    private let settings: WorkerPlan.Settings
    private let wait: Int
    private let isPassedThrough: Bool
    private let output: WorkerOutput
    private let clock: any ClockSource
    private let identifiers: IdentifierSource
    private let environment: [String: String]
    private let state = Mutex(State())
    private let events: AsyncStream<WorkerPlan.Event>
    private let happened: AsyncStream<WorkerPlan.Event>.Continuation

    /// A pool that has not begun.
    init(
        queue: WorkerQueue, command: WorkerCommand, settings: WorkerPlan.Settings, wait: Int, isPassedThrough: Bool, output: WorkerOutput,
        clock: any ClockSource, identifiers: IdentifierSource, environment: [String: String]
    ) {
        self.queue = queue
        self.command = command
        self.settings = settings
        self.wait = wait
        self.isPassedThrough = isPassedThrough
        self.output = output
        self.clock = clock
        self.identifiers = identifiers
        self.environment = environment
        (events, happened) = AsyncStream.makeStream()
    }

    /// Works until the plan ends.
    /// - Returns: how many commands did not succeed.
    /// - Throws: the refusal because of which it ended.
    func run() async throws -> Int {
        let failures = await withDiscardingTaskGroup { group in
            group.addTask { [happened] in
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { happened.yield(.stopAsked) }
            }
            var plan = WorkerPlan(settings)
            var armed: MonotonicInstant?
            happened.yield(.begun)
            events: for await event in events {
                if event == .woken { armed = nil }
                for action in plan.take(event, at: clock.monotonic) {
                    if action == .end { break events }
                    perform(action, in: &group)
                }
                // Sleepers whose time was brought forward wake for nothing, which is cheaper than to end them.
                if let next = plan.nextWake, armed.map({ next < $0 }) ?? true {
                    armed = next
                    group.addTask { [clock, happened] in
                        guard (try? await clock.sleep(until: next)) != nil else { return }
                        happened.yield(.woken)
                    }
                }
            }
            group.cancelAll()
            return plan.failures
        }
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return failures
    }

    private func perform(_ action: WorkerPlan.Action, in group: inout DiscardingTaskGroup) {
        switch action {
        case .receive(let count):
            let (abandoned, abandon) = AsyncStream<Void>.makeStream()
            state.withLock { $0.abandonReceive = abandon }
            group.addTask { await self.receive(count, until: abandoned) }
        case .abandonReceive: state.withLock { $0.abandonReceive }?.finish()
        case .start(let job, let message): start(job, message)
        case .extend(let job, let handle, let seconds): group.addTask { await self.extend(job, handle, seconds) }
        case .settle(let job, let handle, let settlement):
            state.withLock { $0.processes[job] = nil }
            group.addTask { await self.settle(job, handle, settlement) }
        case .signal(let job, let isForced): state.withLock { $0.processes[job] }?.signal(isForced ? SIGKILL : SIGTERM)
        case .hurry: state.withLock { $0.isHurried = true }
        case .tell(let report): output.tell(report)
        case .end: break
        }
    }

    // MARK: - The command

    private func start(_ job: Int, _ message: QueueMessage) {
        let shown: CommandProcess.Output =
            isPassedThrough ? .inherited : .lines { [output] line, isError in output.show(line, of: message, isError: isError) }
        let process = CommandProcess(
            command, environment: MessageEnvironment.variables(for: message, queueURL: queue.url, inherited: environment),
            input: Array(message.body.utf8), output: shown
        ) { [self] end in
            if case .notStarted(let reason, true) = end {
                state.withLock { $0.failure = CommandFailure("cannot run \(command.path): \(reason)") }
            }
            happened.yield(.ended(job: job, end))
        }
        state.withLock { $0.processes[job] = process }
    }

    // MARK: - The queue

    private func receive(_ count: Int, until abandoned: AsyncStream<Void>) async {
        // One text until an answer has come: a FIFO queue then gives again what an answer that was lost had taken.
        let attempt =
            queue.isFIFO
            ? state.withLock { state in
                if state.attempt == nil { state.attempt = identifiers.uuid() }
                return state.attempt
            } : nil
        let event = await withTaskGroup(of: WorkerPlan.Event.self) { group in
            group.addTask { await self.receive(count, attempt) }
            group.addTask {
                for await _ in abandoned {}
                return .receiveFailed
            }
            defer { group.cancelAll() }
            return await group.next() ?? .receiveFailed
        }
        happened.yield(event)
    }

    private func receive(_ count: Int, _ attempt: String?) async -> WorkerPlan.Event {
        do {
            let messages = try await queue.receive(
                count: count, wait: wait, visibility: Int(settings.visibility.components.seconds), attempt: attempt)
            state.withLock { $0.attempt = nil }
            return .received(messages)
        } catch {
            guard let failure = error as? APIFailure, !failure.mayPass else { return .receiveFailed }
            state.withLock { $0.failure = failure }
            return .receiveRefused
        }
    }

    private func extend(_ job: Int, _ receiptHandle: String, _ seconds: Int) async {
        let from = clock.monotonic
        do {
            try await queue.hide(receiptHandle, seconds: seconds)
            happened.yield(.extended(job: job, from: from))
        } catch {
            let isLost = (error as? APIFailure).map { !$0.mayPass } ?? false
            happened.yield(.extensionFailed(job: job, isLost: isLost))
        }
    }

    /// Tries until the server has answered, or the worker has to end.
    private func settle(_ job: Int, _ receiptHandle: String, _ settlement: WorkerPlan.Settlement) async {
        var tries = 0
        while true {
            let isLast = state.withLock { $0.isHurried }
            do {
                switch settlement {
                case .delete: try await queue.delete(receiptHandle)
                case .release(let delay): try await queue.hide(receiptHandle, seconds: Int(delay.components.seconds))
                }
                happened.yield(.settled(job: job, .done))
                return
            } catch let failure as APIFailure where !failure.mayPass {
                happened.yield(.settled(job: job, .refused(failure.code)))
                return
            } catch {
                if isLast { break }
            }
            try? await clock.sleep(for: WorkerSession.settlePauses[min(tries, WorkerSession.settlePauses.count - 1)])
            tries += 1
        }
        happened.yield(.settled(job: job, .unanswered))
    }
}
