import Logging
import StatesInterpreter
import Store

extension LaneWorker {
    /// Reads an execution in the background; its inputs wait in `awaitingLoad`.
    func load(_ id: ExecutionID) {
        dependencies.background.submit { [loader = dependencies.loader, post] in
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
            resumeEffects(of: execution)
            for input in waiting {
                // A suspended turn waits for `proceed`; its timer says only that it is due.
                if input.input == .due {
                    execution.inputs.append(HotExecution.PendingInput(input: .proceed, reply: nil))
                }
                execution.inputs.append(input)
            }
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
            let unanswered = waiting.filter { $0.reply == nil }
            guard !unanswered.isEmpty, error.code != .corrupted else { return }
            dependencies.background.submit { [clock = dependencies.clock, post] in
                try? await clock.sleep(for: .seconds(1))
                for input in unanswered { post(.input(id, input.input, reply: nil)) }
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
