import StatesInterpreter
import Store

extension TurnBatch {
    /// Adds the events of a turn in which an execution begins, ends, or does both.
    /// - Parameter begins: whether it runs from this turn on, by a start or a redrive.
    mutating func announce(_ turn: Turn, begins: Bool, _ execution: HotExecution, to events: OwnEvents) {
        // Most turns do neither.
        guard begins || turn.outcome != nil else { return }
        let account = execution.machine.record.account
        if begins {
            var record = execution.record
            record.status = .running
            record.stoppedAt = nil
            ownEvents += events.record(TurnBatch.event(of: execution, record, outcome: nil), account: account)
        }
        if turn.outcome != nil {
            ownEvents += events.record(TurnBatch.event(of: execution, execution.record, outcome: turn.outcome), account: account)
        }
        statements += ownEvents.map { DeliveryStore.add($0) }
    }

    private static func event(
        of execution: HotExecution, _ record: ExecutionRecord, outcome: ExecutionOutcome?
    ) -> ExecutionStatusEvent {
        ExecutionStatusEvent(
            machine: execution.machine, record: record, input: execution.state.counters.input?.document, outcome: outcome)
    }
}
