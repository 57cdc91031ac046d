import StatesInterpreter
import Store
import TimeSource

/// The statements that make one turn durable, and what is to be done after them.
struct TurnBatch {
    var statements: [Statement] = []
    var newEffects: [TaskRequest] = []
    var startedEffect: EffectNumber?
    var disarmed: ExecutionTimer?
    var armed: ExecutionTimer?

    /// Builds the batch and moves the execution's record, timer and effects to after the turn.
    static func build(
        _ turn: Turn, input: StepInput, now: Instants, execution: HotExecution, isStart: Bool,
        nextKey: () -> OutboxEntry.Key
    ) -> TurnBatch {
        var batch = TurnBatch()
        if let outcome = turn.outcome {
            execution.record.status = ExecutionRecord.Status(rawValue: outcome.status) ?? .failed
            execution.record.stoppedAt = now.wall
        }
        if isStart, case .start(let document) = input {
            batch.statements += ExecutionStore.startExecution(execution.record, inputHash: InputHash.of(document.text))
        }
        if turn.mustBeStored { batch.appendHistory(turn, input: input, now: now, execution: execution) }
        batch.settleEffects(turn, input: input, execution: execution, nextKey: nextKey)
        batch.settleTimer(turn, now: now, execution: execution)
        if turn.outcome != nil, !isStart { batch.statements += ExecutionStore.endExecution(execution.record) }
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

    private mutating func settleEffects(
        _ turn: Turn, input: StepInput, execution: HotExecution, nextKey: () -> OutboxEntry.Key
    ) {
        switch input {
        case .taskStarted(let effect, _):
            if let pending = execution.effects[effect], !pending.isStarted {
                statements.append(OutboxStore.markStarted(pending.key))
                execution.effects[effect]?.isStarted = true
                startedEffect = effect
            }
        case .taskSubmitted(let effect, _), .taskSucceeded(let effect, _), .taskFailed(let effect, _):
            complete(effect, of: execution)
        case .start, .heartbeat, .due, .stop, .proceed: break
        }
        for effect in turn.effects {
            switch effect {
            case .cancel(let number): complete(number, of: execution)
            case .task(let request):
                let key = nextKey()
                statements.append(
                    OutboxStore.enqueue(
                        OutboxEntry(
                            key: key, execution: execution.record.id, effect: Int(request.effect.rawValue), isStarted: false,
                            body: request.encoded())))
                execution.effects[request.effect] = HotExecution.PendingEffect(key: key, request: request, isStarted: false)
                newEffects.append(request)
            }
        }
        if turn.outcome != nil {
            for effect in execution.effects.keys { complete(effect, of: execution) }
            newEffects = []
        }
    }

    private mutating func complete(_ effect: EffectNumber, of execution: HotExecution) {
        guard let pending = execution.effects.removeValue(forKey: effect) else { return }
        statements.append(OutboxStore.complete(pending.key))
    }

    private mutating func settleTimer(_ turn: Turn, now: Instants, execution: HotExecution) {
        var wanted: ExecutionTimer?
        if turn.outcome == nil { wanted = TurnBatch.timer(turn, now: now, execution: execution.record.id) }
        guard wanted != execution.timer else { return }
        if let old = execution.timer {
            statements.append(TimerStore.disarm(old))
            disarmed = old
        }
        if let wanted {
            statements.append(TimerStore.arm(wanted))
            armed = wanted
        }
        execution.timer = wanted
    }

    /// One timer an execution: its earliest. A suspended turn asks to go on at once, should the server die before it does.
    private static func timer(_ turn: Turn, now: Instants, execution: ExecutionID) -> ExecutionTimer? {
        if turn.isSuspended { return ExecutionTimer(execution: execution, due: now.engine, clock: .engine) }
        return timer(turn.nextDue, execution: execution)
    }

    /// The timer for the earlier of the two due instants; the other is looked at again when it fires.
    static func timer(_ nextDue: NextDue, execution: ExecutionID) -> ExecutionTimer? {
        switch (nextDue.engine, nextDue.wall) {
        case (nil, nil): nil
        case (let engine?, nil): ExecutionTimer(execution: execution, due: engine, clock: .engine)
        case (nil, let wall?): ExecutionTimer(execution: execution, due: wall, clock: .wall)
        case (let engine?, let wall?):
            engine <= wall
                ? ExecutionTimer(execution: execution, due: engine, clock: .engine)
                : ExecutionTimer(execution: execution, due: wall, clock: .wall)
        }
    }
}
