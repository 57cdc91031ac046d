import StatesInterpreter
import Store

extension NextDue {
    /// The timer of an execution that is due at these instants, on one clock; nil when it does not wait on it.
    func timer(_ clock: ExecutionTimer.Clock, of execution: ExecutionID) -> ExecutionTimer? {
        let due =
            switch clock {
            case .engine: engine
            case .wall: wall
            }
        return due.map { ExecutionTimer(execution: execution, due: $0, clock: clock) }
    }

    /// Whether a timer is one of those of the execution.
    func contains(_ timer: ExecutionTimer, of execution: ExecutionID) -> Bool {
        self.timer(timer.clock, of: execution) == timer
    }
}
