import StatesInterpreter
import Store

extension LaneWorker {
    /// Puts an effect off until the server is released. Its row is in the outbox; its execution stays in memory as long as it has effects.
    func withhold(_ effect: EffectNumber, of execution: HotExecution) {
        withheld[execution.record.id, default: []].insert(effect)
    }

    /// Goes on with what was put off, once the server is released.
    func beginWithheld() {
        let now = dependencies.clock.now
        // Workers could not send heartbeats to a server that was not there, nor is a restored one the one that they know.
        for execution in hot.values { execution.state.grantHeartbeatGrace(now: now) }
        for (id, effects) in withheld {
            guard let execution = hot[id] else {
                withheld[id] = nil
                continue
            }
            // The turn under way may take effects back, or fail and leave them as they were.
            guard execution.commit == nil else { continue }
            withheld[id] = nil
            for effect in effects.sorted() {
                if let pending = execution.effects[effect] { resume(pending, of: execution) }
            }
            advance(execution)
        }
        if !withheld.isEmpty { _ = post(.released) }
    }
}
