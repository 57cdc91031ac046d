import StatesInterpreter
import Store
import TimeSource

/// The statements that make one turn durable, and what is to be done after them.
struct TurnBatch {
    var statements: [Statement] = []
    var newEffects: [TaskRequest] = []
    var newActivityTasks: [NewActivityTask] = []
    var startedEffect: EffectNumber?
    /// The task that the turn starts for a worker.
    var handedOut: TaskRequest?
    var disarmed: [ExecutionTimer] = []
    var armed: [ExecutionTimer] = []
    var jobs = JobChanges()
    var mapRuns = MapRunChanges()
    /// The server's own events about the turn.
    var ownEvents: [DeliveryRecord] = []

    /// A task that waits for a worker from this turn on.
    struct NewActivityTask {
        let activity: ActivityKey
        let key: ActivityTaskKey
    }

    /// Builds the batch and moves the execution's record, timer and effects to after the turn.
    static func build(
        _ turn: Turn, input pending: HotExecution.PendingInput, now: Instants, execution: HotExecution, start: StartRequest?,
        activities: ActivityDirectory, ownEvents: OwnEvents?
    ) -> TurnBatch {
        var batch = TurnBatch()
        let input = pending.input
        // Any other input leaves those branches alone that the budget stopped.
        execution.isSuspended = turn.isSuspended || (execution.isSuspended && input != .proceed)
        if let outcome = turn.outcome {
            execution.record.status = ExecutionRecord.Status(rawValue: outcome.status) ?? .failed
            execution.record.stoppedAt = now.wall
        }
        batch.statements = pending.attached
        if let start { batch.start(execution.record, start) }
        if input == .redrive { batch.statements += RedriveStore.redrive(execution.record, at: now.wall, token: pending.redriveToken) }
        if turn.mustBeStored { batch.appendHistory(turn, input: input, now: now, execution: execution) }
        batch.settleEffects(turn, input: pending, now: now, execution: execution, activities: activities)
        if case .heartbeat = input {
            // Nothing is written for a heartbeat: the timer that it has outlived comes for nothing, and is then replaced.
            execution.hasHeartbeats = true
        } else {
            batch.settleTimers(turn, execution: execution, fired: pending.timer)
        }
        batch.recordResult(turn, execution: execution)
        if turn.outcome != nil, start == nil { batch.statements += ExecutionStore.endExecution(execution.record) }
        if let ownEvents { batch.announce(turn, begins: start != nil || input == .redrive, execution, to: ownEvents) }
        return batch
    }

    private mutating func appendHistory(_ turn: Turn, input: StepInput, now: Instants, execution: HotExecution) {
        let chunk = HistoryChunk(input: input, now: now, turn: turn)
        let body = chunk.encoded()
        let id = execution.record.id
        statements.append(ExecutionStore.appendHistory(id, firstEvent: Int(chunk.firstEvent), body: body))
        execution.bytesSinceSnapshot += body.count
        guard turn.outcome == nil, execution.bytesSinceSnapshot > max(16_384, execution.snapshotBytes) else { return }
        let snapshot = execution.state.encoded()
        statements.append(
            ExecutionStore.recordSnapshot(id, nextEvent: Int(execution.state.counters.nextEvent), body: snapshot))
        execution.snapshotBytes = snapshot.count
        execution.bytesSinceSnapshot = 0
    }

    private mutating func start(_ record: ExecutionRecord, _ start: StartRequest) {
        statements += ExecutionStore.startExecution(record, inputHash: start.inputHash)
        guard let key = start.dedupeKey else { return }
        let answer = StartedExecution(arn: start.machine.executionARN(name: start.name), startedAt: record.startedAt)
        statements.append(InboxStore.record(key, result: answer.inboxResult, at: record.startedAt))
    }

    private mutating func settleEffects(
        _ turn: Turn, input pending: HotExecution.PendingInput, now: Instants, execution: HotExecution,
        activities: ActivityDirectory
    ) {
        switch pending.input {
        case .taskStarted(let effect, _):
            if let pending = execution.effects[effect], pending.waitsForWorker {
                // From here on the worker has it: nothing is left to be done for it.
                complete(effect, of: execution)
                handedOut = pending.request
            } else if let pending = execution.effects[effect], !pending.isStarted {
                statements.append(OutboxStore.markStarted(pending.key))
                execution.effects[effect]?.isStarted = true
                startedEffect = effect
            }
        case .taskSubmitted(let effect, _):
            if let job = pending.job, let effect = execution.effects[effect] { begin(job, by: effect, of: execution) }
            complete(effect, of: execution)
        case .taskSucceeded(let effect, _), .taskFailed(let effect, _):
            complete(effect, of: execution)
            endJob(of: effect, execution)
        case .start, .heartbeat, .due, .stop, .proceed, .redrive: break
        }
        for effect in turn.effects {
            switch effect {
            case .cancel(let number): abandon(number, of: execution)
            case .mapRun(let request): begin(request, now: now, execution: execution)
            case .abortMapRun(let number): abortMapRun(number, now: now, execution: execution)
            case .redriveMapRun(let number, let new): redriveMapRun(number, as: new, now: now, execution: execution)
            case .task(let request):
                let key = OutboxEntry.Key(execution: execution.record.id, effect: Int(request.effect.rawValue))
                if let activity = activities.activity(of: request.resource, account: execution.machine.record.account) {
                    enqueue(request, key, of: activity, now: now, execution: execution)
                    continue
                }
                statements.append(OutboxStore.enqueue(OutboxEntry(key: key, isStarted: false, body: request.encoded())))
                execution.effects[request.effect] = HotExecution.PendingEffect(key: key, request: request, isStarted: false)
                newEffects.append(request)
            }
        }
        if turn.outcome != nil {
            for effect in Set(execution.effects.keys).union(execution.jobs.keys) { abandon(effect, of: execution) }
            newEffects = []
            newActivityTasks = []
        }
    }

    private mutating func enqueue(
        _ request: TaskRequest, _ key: OutboxEntry.Key, of activity: ActivityKey, now: Instants, execution: HotExecution
    ) {
        let task = ActivityTaskKey(scheduledAt: now.engine, execution: key.execution, effect: key.effect)
        statements.append(ActivityTaskStore.enqueue(task, of: activity, body: request.encoded()))
        execution.effects[request.effect] = HotExecution.PendingEffect(
            key: key, request: request, isStarted: false, waitsForWorker: true)
        newActivityTasks.append(NewActivityTask(activity: activity, key: task))
    }

    /// An effect is over: its row goes.
    mutating func complete(_ effect: EffectNumber, of execution: HotExecution) {
        guard let pending = execution.effects.removeValue(forKey: effect) else { return }
        statements.append(
            pending.waitsForWorker
                ? ActivityTaskStore.remove(execution: pending.key.execution, effect: pending.key.effect)
                : OutboxStore.complete(pending.key))
    }

    private mutating func settleTimers(_ turn: Turn, execution: HotExecution, fired: ExecutionTimer?) {
        let id = execution.record.id
        let wanted = turn.outcome == nil ? TurnBatch.timers(turn.nextDue, of: execution) : NextDue()
        if wanted != execution.timers || !execution.isTimerCertain {
            for clock in ExecutionTimer.Clock.allCases {
                let old = execution.timers.timer(clock, of: id)
                let new = wanted.timer(clock, of: id)
                if let old, old != new {
                    statements.append(TimerStore.disarm(old))
                    disarmed.append(old)
                }
                if let new, old != new || !execution.isTimerCertain {
                    statements.append(TimerStore.arm(new))
                    armed.append(new)
                }
            }
            execution.timers = wanted
            execution.isTimerCertain = true
        }
        // A timer that this execution has not set, as far as it knows: its row goes, or it would come after every restart.
        if let fired, !wanted.contains(fired, of: id), !disarmed.contains(fired) { statements.append(TimerStore.disarm(fired)) }
    }

    /// The timers of an execution, by what is stored of it: its earliest due instant on each clock. One whose turn used up its
    /// budget is always due, should the server die before it goes on.
    static func timers(_ nextDue: NextDue, of execution: HotExecution) -> NextDue {
        var timers = nextDue
        if execution.isSuspended { timers.engine = .epoch }
        return timers
    }
}
