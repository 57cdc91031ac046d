import Logging
import StatesInterpreter
import StatesLanguage
import Store
import TimeSource

extension LaneWorker {
    /// Steps through the inputs that wait, until a turn has to be committed or none is left.
    func advance(_ execution: HotExecution) {
        while execution.commit == nil, let next = execution.inputs.first, !mustBeRead(execution, for: next) {
            step(execution, execution.inputs.removeFirst(), start: nil)
        }
    }

    /// Lets the execution take an input. What must be stored is handed over; the reply waits for the commit.
    func step(_ execution: HotExecution, _ pending: HotExecution.PendingInput, start: StartRequest?) {
        let before = HotExecution.Restorable(of: execution)
        let now = dependencies.clock.now
        if pending.input == .proceed { execution.isProceeding = false }
        if pending.input == .redrive { beginRedrive(execution, at: now) }
        let turn: Turn
        switch execution.interpreter.step(&execution.state, input: pending.input, now: now) {
        case .stale(let reason):
            if pending.input == .redrive { cancelRedrive(execution, to: before) }
            pending.reply?(.success(.stale(reason)))
            disown(pending, of: execution.record.id)
            if let timer = pending.timer { drop(timer) }
            return
        case .turn(let taken):
            turn = taken
        }
        let batch = TurnBatch.build(
            turn, input: pending, now: now, execution: execution, start: start, activities: dependencies.activities.directory,
            ownEvents: dependencies.ownEvents)
        if pending.input == .redrive { execution.endedMapRuns = nil }
        guard !batch.statements.isEmpty else {
            pending.reply?(.success(.taken))
            // It came too early, as the wall clock was set back meanwhile: its row stands, so it has to come again.
            if let timer = pending.timer, execution.timers.contains(timer, of: execution.record.id), timer.due > .epoch {
                dependencies.timers.arm(timer)
            }
            return
        }
        execution.commit = HotExecution.Commit(
            before: before, turn: turn, input: start == nil ? pending : nil, start: start, newEffects: batch.newEffects,
            newActivityTasks: batch.newActivityTasks, startedEffect: batch.startedEffect, disarmed: batch.disarmed, armed: batch.armed, jobs: batch.jobs,
            mapRuns: batch.mapRuns, ownEvents: batch.ownEvents)
        uncommitted += 1
        let id = execution.record.id
        let (startedAt, reply) = (execution.record.startedAt, pending.reply)
        let outcome = batch.handedOut.map { InputOutcome.handedOut($0) } ?? .taken
        dependencies.database.apply(batch.statements) { [post] result in
            // Callers are answered here, on the store's thread, and need not wait for the lane; but the lane hears first, so that
            // whatever they ask next comes after it.
            switch result {
            case .success:
                _ = post(.committed(id, nil))
                reply?(.success(outcome))
                if let start {
                    let arn = start.machine.executionARN(name: start.name)
                    start.reply(.success(.started(StartedExecution(arn: arn, startedAt: startedAt))))
                }
            case .failure(let error):
                guard !post(.committed(id, error)) else { return }
                reply?(.failure(.shuttingDown))
                start?.reply(.failure(.shuttingDown))
            }
        }
    }

    /// Acts on a durable turn, or goes back to before a failed one.
    func committed(_ id: ExecutionID, _ error: StoreError?) {
        uncommitted -= 1
        guard let execution = hot[id], let commit = execution.commit else { return }
        execution.commit = nil
        if let error {
            failed(execution, commit, error)
            return
        }
        for timer in commit.disarmed { dependencies.timers.disarm(timer) }
        // One that is always due is for the next start; in this life `proceed` goes before it.
        for timer in commit.armed where timer.due > .epoch { dependencies.timers.arm(timer) }
        guard !isLost else { return }
        dependencies.ownEvents?.offer(commit.ownEvents)
        if let log = dependencies.log { self.log(commit.turn, of: execution, to: log) }
        if !commit.jobs.isEmpty { settleJobs(commit.jobs) }
        if !commit.mapRuns.isEmpty { dependencies.mapRuns.hear(commit.mapRuns, of: id) }
        if let effect = commit.startedEffect, let pending = execution.effects[effect] { dispatch(pending.request, of: execution) }
        for request in commit.newEffects { begin(request, of: execution) }
        for task in commit.newActivityTasks { dependencies.activities.offer(task.key, of: task.activity) }
        proceedWhenSuspended(execution)
        advance(execution)
        if execution.commit == nil, execution.record.status != .running {
            hot.remove(id)
            for input in execution.inputs { take(input, for: id) }
            // Somebody may wait for it.
            if !jobs.isEmpty { jobEnded(TaskJob(.execution, execution.machine.executionARN(name: execution.record.name))) }
        } else {
            hot.touch(execution)
        }
    }

    private func log(_ turn: Turn, of execution: HotExecution, to log: ExecutionLogSink) {
        guard execution.machine.logging != nil else { return }
        let batch = ExecutionLogBatch(
            turn, of: execution.machine, executionARN: execution.machine.executionARN(name: execution.record.name),
            redriveCount: Int64(execution.record.redrives))
        if let batch { log(batch) }
    }

    /// Lets an execution go on whose turn used up its budget.
    func proceedWhenSuspended(_ execution: HotExecution) {
        guard execution.isSuspended, !execution.isProceeding, execution.record.status == .running else { return }
        execution.isProceeding = true
        // At the end of the mailbox, so that other executions get their turn first.
        _ = post(.input(execution.record.id, .proceed, reply: nil))
    }

    /// Begins an effect that is durable and pending.
    func begin(_ request: TaskRequest, of execution: HotExecution) {
        guard !isDraining else { return }
        guard !dependencies.hold.isHeld else { return withhold(request.effect, of: execution) }
        switch dependencies.performer.effectClass(of: request, account: execution.machine.record.account) {
        case .deduplicated: dispatch(request, of: execution)
        case .unrepeatable:
            execution.inputs.append(
                HotExecution.PendingInput(input: .taskStarted(request.effect, workerName: nil), reply: nil))
        }
    }

    private func dispatch(_ request: TaskRequest, of execution: HotExecution) {
        let id = execution.record.id
        let region = dependencies.configuration.region
        let call = EffectCall(
            account: execution.machine.record.account, region: region,
            executionARN: execution.machine.executionARN(name: execution.record.name),
            roleARN: execution.machine.record.revision.roleARN, dedupeKey: OutboxEntry.Key(execution: id, effect: Int(request.effect.rawValue)).dedupeKey,
            request: request)
        dependencies.effects.submit { [performer = dependencies.performer, post] in
            let outcome = await performer.perform(call)
            // A cancelled performer (the server stops) has no outcome to tell; recovery decides.
            if !Task.isCancelled { _ = post(.outcome(id, request.effect, outcome)) }
        }
    }

    private func failed(_ execution: HotExecution, _ commit: HotExecution.Commit, _ error: StoreError) {
        let id = execution.record.id
        guard error.isPassing else {
            commit.start?.reply(.failure(.store(error)))
            commit.input?.reply?(.failure(.store(error)))
            lose(error)
            return
        }
        if let start = commit.start {
            hot.remove(id)
            start.reply(error.code == .conflict ? .success(.nameTaken) : .failure(.store(error)))
            return
        }
        commit.before.restore(execution)
        dependencies.logger.error(
            "a turn could not be stored", metadata: ["execution": "\(id.value)", "error": "\(error)"])
        guard let input = commit.input else { return }
        if input.input == .redrive { return failedRedrive(execution, input, error) }
        if let reply = input.reply {
            reply(.failure(.store(error)))
            advance(execution)
        } else {
            // Nobody else would say it again.
            if input.input == .proceed { execution.isProceeding = true }
            var again = input
            again.refusals += 1
            postpone(.input(id, again), of: id, refusals: again.refusals)
        }
    }
}
