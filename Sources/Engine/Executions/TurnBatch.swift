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
        _ turn: Turn, input pending: HotExecution.PendingInput, now: Instants, execution: HotExecution, start: StartRequest?,
        nextKey: () -> OutboxEntry.Key
    ) -> TurnBatch {
        var batch = TurnBatch()
        let input = pending.input
        // Any other input leaves those branches alone that the budget stopped.
        execution.isSuspended = turn.isSuspended || (execution.isSuspended && input != .proceed)
        if let outcome = turn.outcome {
            execution.record.status = ExecutionRecord.Status(rawValue: outcome.status) ?? .failed
            execution.record.stoppedAt = now.wall
        }
        if let start { batch.statements += ExecutionStore.startExecution(execution.record, inputHash: start.inputHash) }
        if turn.mustBeStored { batch.appendHistory(turn, input: input, now: now, execution: execution) }
        batch.settleEffects(turn, input: input, execution: execution, nextKey: nextKey)
        if case .heartbeat = input {
            // Nothing is written for a heartbeat: the timer that it has outlived comes for nothing, and is then replaced.
            execution.hasHeartbeats = true
        } else {
            batch.settleTimer(turn, execution: execution, fired: pending.timer)
        }
        if turn.outcome != nil, start == nil { batch.statements += ExecutionStore.endExecution(execution.record) }
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

    private mutating func settleTimer(_ turn: Turn, execution: HotExecution, fired: ExecutionTimer?) {
        let wanted = turn.outcome == nil ? TurnBatch.timer(turn.nextDue, of: execution) : nil
        if wanted != execution.timer || !execution.isTimerCertain {
            if let old = execution.timer, old != wanted {
                statements.append(TimerStore.disarm(old))
                disarmed = old
            }
            if let wanted {
                statements.append(TimerStore.arm(wanted))
                armed = wanted
            }
            execution.timer = wanted
            execution.isTimerCertain = true
        }
        // A timer that this execution has not set, as far as it knows: its row goes, or it would come after every restart.
        if let fired, fired != wanted, fired != disarmed { statements.append(TimerStore.disarm(fired)) }
    }

    /// One timer an execution, by what is stored of it: its earliest due instant. One whose turn used up its budget is always
    /// due, should the server die before it goes on.
    ///
    /// Of two instants on different clocks it is the smaller one; the other is looked at again when that fires.
    static func timer(_ nextDue: NextDue, of execution: HotExecution) -> ExecutionTimer? {
        let id = execution.record.id
        if execution.isSuspended { return ExecutionTimer(execution: id, due: .epoch, clock: .engine) }
        switch (nextDue.engine, nextDue.wall) {
        case (nil, nil): return nil
        case (let engine?, nil): return ExecutionTimer(execution: id, due: engine, clock: .engine)
        case (nil, let wall?): return ExecutionTimer(execution: id, due: wall, clock: .wall)
        case (let engine?, let wall?):
            return engine <= wall
                ? ExecutionTimer(execution: id, due: engine, clock: .engine)
                : ExecutionTimer(execution: id, due: wall, clock: .wall)
        }
    }
}
