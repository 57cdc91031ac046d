import Logging
import StatesInterpreter
import Store
import TimeSource

/// What runs on a lane's thread: the executions in memory and what is done with each message. Not shared with any other thread.
final class LaneWorker {
    let dependencies: LaneDependencies
    /// Gives this lane a message; false when it takes none any more.
    let post: @Sendable (LaneMessage) -> Bool
    /// Executions in memory.
    var hot = HotExecutions()
    /// Inputs of executions that are being read from the store, or wait for that.
    var awaitingLoad: [ExecutionID: [HotExecution.PendingInput]] = [:]
    /// The reads of executions.
    var loads = LoadQueue()
    /// What the store refused for the time being.
    var refused = RefusedTurns()
    /// Turns that are handed to the store and not yet answered.
    var uncommitted = 0
    /// What came through the window since it was last told.
    var handledOfWindow = 0
    /// True once the server is about to stop: effects that are decided now are begun by the next start.
    private(set) var isDraining = false
    /// Effects that wait until the server is released.
    var withheld: [ExecutionID: Set<EffectNumber>] = [:]
    /// The jobs that tasks wait for.
    var jobs = AwaitedJobs()
    /// Attempts that were abandoned while their request, which may begin a job, was under way.
    var abandoned: [OutboxEntry.Key: TaskJobRecord] = [:]
    /// Why nothing is written any more, once the store is lost to this process.
    private var lost: StoreError?
    private var ids: ExecutionIDSource

    init(dependencies: LaneDependencies, post: @escaping @Sendable (LaneMessage) -> Bool) {
        self.dependencies = dependencies
        self.post = post
        ids = ExecutionIDSource(after: dependencies.lastExecution)
    }

    /// True once the store is lost: nothing is stepped any more.
    var isLost: Bool { lost != nil }

    /// Does what a message asks for.
    func handle(_ message: LaneMessage) {
        if let lost { return refuse(message, lost) }
        switch message {
        case .start(let request): start(request)
        case .input(let id, let input, let reply): take(HotExecution.PendingInput(input: input, reply: reply), for: id)
        case .redrive(let request): redrive(request)
        case .loadedEnded(let id, let result): loadedEnded(id, result)
        case .outcome(let id, let effect, let outcome): take(outcome, of: effect, for: id)
        case .jobEnded(let job): jobEnded(job)
        case .mapRunOutcome(let id, let input, let end, let reply):
            take(HotExecution.PendingInput(input: input, reply: reply, attached: end), for: id)
        case .jobOutcome(let record, let outcome): take(outcome, ofJob: record)
        case .recoveredJobs(let records): recover(records)
        case .timers(let timers): for timer in timers { fire(timer) }
        case .committed(let id, let error): committed(id, error)
        case .loaded(let batch): loaded(batch)
        case .recovered(let executions): for id in executions { recover(id) }
        case .tryAgain: tryAgain()
        case .drain: isDraining = true
        case .released: beginWithheld()
        }
    }

    /// The store is lost to this process: it has to end, and until then everybody hears why.
    func lose(_ error: StoreError) {
        guard lost == nil else { return }
        lost = error
        dependencies.fail(error)
    }

    private func refuse(_ message: LaneMessage, _ error: StoreError) {
        switch message {
        case .start(let request): request.reply(.failure(.store(error)))
        case .input(_, _, let reply): reply?(.failure(.store(error)))
        case .mapRunOutcome(_, _, _, let reply): reply(.failure(.store(error)))
        case .redrive(let request): request.reply?(.failure(.store(error)))
        case .committed(let id, let error): committed(id, error)
        case .loadedEnded, .outcome, .jobEnded, .jobOutcome, .recoveredJobs, .timers, .loaded, .recovered, .tryAgain, .drain, .released: break
        }
    }

    /// Drops executions that wait and were not used for long, when too much is in memory.
    func evict() {
        hot.evict(to: dependencies.configuration.hotBytes)
    }

    /// Answers whoever still waits, at the end. Who waits for a commit is answered when the store has done with it.
    func abandon() {
        for waiting in awaitingLoad.values {
            for input in waiting { input.reply?(.failure(.shuttingDown)) }
        }
        for execution in hot.values {
            for input in execution.inputs { input.reply?(.failure(.shuttingDown)) }
        }
    }

    private func start(_ request: StartRequest) {
        let now = dependencies.clock.now
        let arn = request.machine.executionARN(name: request.name)
        // Never before the machine's creation, though the wall clock was set back: a listing shows what comes after it.
        let id = ids.next(arn: arn, startedAt: max(now.wall, request.machine.record.createdAt))
        let record = ExecutionRecord(
            id: id, machine: request.machine.record.id,
            revision: request.machine.record.revision.number, name: request.name, status: .running, startedAt: now.wall,
            child: request.child, qualifier: request.machine.qualifier)
        let execution = dependencies.loader.begin(record, machine: request.machine)
        hot.insert(execution)
        step(execution, HotExecution.PendingInput(input: .start(input: request.input), reply: nil), start: request)
    }

    /// Gives an execution an input, after it was read when it is not in memory.
    func take(_ input: HotExecution.PendingInput, for id: ExecutionID) {
        if let execution = hot[id] {
            hot.touch(execution)
            execution.inputs.append(input)
            advance(execution)
        } else if awaitingLoad[id] != nil {
            awaitingLoad[id]?.append(input)
        } else {
            awaitingLoad[id] = [input]
            loads.append(id, isUrgent: input.reply != nil)
        }
    }

    /// Whether the timer is still wanted is seen when its turn comes: a turn that is being committed may have replaced it, and
    /// may yet fail.
    private func fire(_ timer: ExecutionTimer) {
        handledOfWindow += 1
        take(HotExecution.PendingInput(input: .due, reply: nil, timer: timer), for: timer.execution)
    }

    /// Deletes the row of a timer whose execution has ended.
    func drop(_ timer: ExecutionTimer) {
        dependencies.database.apply([TimerStore.disarm(timer)]) { _ in }
    }
}
