import Logging
import StatesInterpreter
import Store

extension LaneWorker {
    /// Something that the store refused, to be tried again.
    enum Refused {
        /// The read of an execution; its inputs wait in `awaitingLoad`.
        case load(ExecutionID)
        /// The turn of an input that nobody else would repeat.
        case input(ExecutionID, HotExecution.PendingInput)
    }

    /// Reads an execution in the background; its inputs wait in `awaitingLoad`.
    func load(_ id: ExecutionID) {
        dependencies.reads.submit { [loader = dependencies.loader, post] in
            do {
                post(.loaded(id, .success(try await loader.load(id))))
            } catch let error as StoreError {
                post(.loaded(id, .failure(error)))
            } catch {
                post(.loaded(id, .failure(StoreError(.corrupted, detail: "\(error)"))))
            }
        }
    }

    /// Takes an execution that was read, resumes its effects, and gives it the inputs that waited.
    func loaded(_ id: ExecutionID, _ result: Result<LoadedExecution?, StoreError>) {
        let waiting = awaitingLoad.removeValue(forKey: id) ?? []
        switch result {
        case .success(let stored?):
            let execution = dependencies.loader.resume(stored)
            hot[id] = execution
            touch(execution)
            if let timer = execution.timer, waiting.contains(where: { $0.timer == timer }) { execution.isTimerCertain = true }
            // What came from outside first: a callback that arrived tells more than an outcome that is not known.
            execution.inputs = waiting
            resumeEffects(of: execution)
            if waiting.contains(where: { $0.input == .proceed }) { execution.isProceeding = true }
            proceedWhenSuspended(execution)
            advance(execution)
        case .success(nil):
            for input in waiting {
                input.reply?(.success(.stale(.executionEnded)))
                if let timer = input.timer { drop(timer) }
            }
        case .failure(let error):
            dependencies.logger.error(
                "an execution could not be read", metadata: ["execution": "\(id.value)", "error": "\(error)"])
            for input in waiting { input.reply?(.failure(.store(error))) }
            guard error.isPassing else { return }
            // Also without an input: effects of an earlier incarnation wait for it.
            awaitingLoad[id] = waiting.filter { $0.reply == nil }
            postpone(.load(id))
        }
    }

    /// Tries something again in a second, with whatever else the store refuses until then.
    func postpone(_ refusal: Refused) {
        refused.append(refusal)
        guard refused.count == 1 else { return }
        dependencies.reads.submit { [clock = dependencies.clock, post] in
            try? await clock.sleep(for: .seconds(1))
            post(.tryAgain)
        }
    }

    /// Tries again what was postponed.
    func tryAgain() {
        let due = refused
        refused = []
        for refusal in due {
            switch refusal {
            case .load(let id): load(id)
            case .input(let id, let input):
                // Before those that came later, unless it was in memory no more.
                if let execution = hot[id] {
                    execution.inputs.insert(input, at: 0)
                    advance(execution)
                } else {
                    take(input, for: id)
                }
            }
        }
    }

    /// Brings an execution with unfinished effects of an earlier incarnation into memory.
    func recover(_ entry: OutboxEntry) {
        let id = entry.execution
        guard hot[id] == nil, awaitingLoad[id] == nil else { return }
        awaitingLoad[id] = []
        load(id)
    }

    /// Executions with effects under way stay in memory, so whatever the outbox holds when one is read was left by an earlier
    /// incarnation: what is pending is sent, what is deduplicated is sent again, what is unrepeatable and started is over.
    private func resumeEffects(of execution: HotExecution) {
        for effect in execution.effects.values.sorted(by: { $0.request.effect < $1.request.effect }) {
            if effect.isStarted {
                let failure = EffectFailure.unknownOutcome(of: effect.request.resource)
                execution.inputs.append(
                    HotExecution.PendingInput(input: .taskFailed(effect.request.effect, failure), reply: nil))
            } else {
                begin(effect.request, of: execution)
            }
        }
    }
}
