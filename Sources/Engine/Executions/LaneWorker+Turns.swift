import Logging
import StatesInterpreter
import StatesLanguage
import Store
import TimeSource

extension LaneWorker {
    /// Steps through the inputs that wait, until a turn has to be committed or none is left.
    func advance(_ execution: HotExecution) {
        while execution.commit == nil, !execution.inputs.isEmpty {
            step(execution, execution.inputs.removeFirst(), start: nil)
        }
    }

    /// Lets the execution take an input. What must be stored is handed over; the reply waits for the commit.
    func step(_ execution: HotExecution, _ pending: HotExecution.PendingInput, start: StartRequest?) {
        let before = HotExecution.Restorable(of: execution)
        let now = dependencies.clock.now
        let turn: Turn
        switch execution.interpreter.step(&execution.state, input: pending.input, now: now) {
        case .stale(let reason):
            pending.reply?(.success(.stale(reason)))
            // A timer that came for nothing is replaced by the one that the state asks for now.
            guard pending.input == .due, case .running = execution.state.status else { return }
            turn = Turn.waiting(execution.state.nextDue)
        case .turn(let taken):
            turn = taken
        }
        let batch = TurnBatch.build(
            turn, input: pending.input, now: now, execution: execution, isStart: start != nil
        ) { self.nextOutboxKey(of: execution.record.id) }
        guard !batch.statements.isEmpty else {
            pending.reply?(.success(.taken))
            return
        }
        execution.commit = HotExecution.Commit(
            before: before, turn: turn, input: start == nil ? pending : nil, start: start, newEffects: batch.newEffects,
            startedEffect: batch.startedEffect, disarmed: batch.disarmed, armed: batch.armed)
        let id = execution.record.id
        dependencies.database.apply(batch.statements) { [post] result in
            switch result {
            case .success: post(.committed(id, nil))
            case .failure(let error): post(.committed(id, error))
            }
        }
    }

    /// Acts on a durable turn, or goes back to before a failed one.
    func committed(_ id: ExecutionID, _ error: StoreError?) {
        guard let execution = hot[id], let commit = execution.commit else { return }
        execution.commit = nil
        if let error {
            failed(execution, commit, error)
            return
        }
        if let timer = commit.disarmed { dependencies.timers.disarm(timer) }
        if let timer = commit.armed { dependencies.timers.arm(timer) }
        if let start = commit.start {
            let arn = start.machine.executionARN(name: start.name, region: dependencies.configuration.region)
            start.reply(.success(.started(StartedExecution(arn: arn, startedAt: execution.record.startedAt))))
        }
        commit.input?.reply?(.success(.taken))
        if let effect = commit.startedEffect, let pending = execution.effects[effect] { dispatch(pending.request, of: execution) }
        for request in commit.newEffects { begin(request, of: execution) }
        if commit.turn.isSuspended {
            // At the end of the mailbox, so that other executions get their turn first.
            post(.input(id, .proceed, reply: nil))
        }
        advance(execution)
        if execution.commit == nil, execution.record.status != .running {
            hot[id] = nil
        }
    }

    /// Begins an effect that is durable and pending.
    func begin(_ request: TaskRequest, of execution: HotExecution) {
        switch dependencies.performer.effectClass(of: request.resource, account: execution.machine.record.account) {
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
            executionARN: execution.machine.executionARN(name: execution.record.name, region: region),
            roleARN: execution.machine.record.revision.roleARN, dedupeKey: "effect-\(id.value)-\(request.effect.rawValue)",
            request: request)
        dependencies.background.submit { [performer = dependencies.performer, post] in
            let input: StepInput =
                switch await performer.perform(call) {
                case .succeeded(let output): .taskSucceeded(request.effect, output: output)
                case .failed(let failure): .taskFailed(request.effect, failure)
                case .submitted(let output): .taskSubmitted(request.effect, output: output)
                }
            // A cancelled performer (the server stops) has no outcome to tell; recovery decides.
            if !Task.isCancelled { post(.input(id, input, reply: nil)) }
        }
    }

    private func failed(_ execution: HotExecution, _ commit: HotExecution.Commit, _ error: StoreError) {
        let id = execution.record.id
        guard error.outcome == .notApplied, error.code != .fenced, error.code != .corrupted else {
            dependencies.fail(error)
            return
        }
        if let start = commit.start {
            hot[id] = nil
            start.reply(error.code == .conflict ? .success(.nameTaken) : .failure(.store(error)))
            return
        }
        commit.before.restore(execution)
        dependencies.logger.error(
            "a turn could not be stored", metadata: ["execution": "\(id.value)", "error": "\(error)"])
        guard let input = commit.input else { return }
        if let reply = input.reply {
            reply(.failure(.store(error)))
            advance(execution)
        } else {
            // Nobody else would say it again: it stays first in line, and is tried again in a second.
            dependencies.background.submit { [clock = dependencies.clock, post] in
                try? await clock.sleep(for: .seconds(1))
                post(.input(id, input.input, reply: nil))
            }
        }
    }
}

extension Turn {
    /// A turn in which nothing happened but that the timer is looked at.
    fileprivate static func waiting(_ nextDue: NextDue) -> Turn {
        var turn = Turn()
        turn.nextDue = nextDue
        return turn
    }
}
