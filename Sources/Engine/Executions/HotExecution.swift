import StatesInterpreter
import Store

/// An execution in memory. Belongs to its lane's thread.
///
/// It has at most one uncommitted turn; inputs that come meanwhile wait.
final class HotExecution {
    /// An effect that is decided and has no outcome yet.
    struct PendingEffect {
        let key: OutboxEntry.Key
        let request: TaskRequest
        var isStarted: Bool
    }

    /// An input that waits for the turn before it.
    struct PendingInput {
        let input: StepInput
        let reply: InputReply?
        /// The timer that made this input, when one did.
        var timer: ExecutionTimer?
    }

    /// What to do when the batch is durable, and how to go back when it failed.
    struct Commit {
        let before: Restorable
        let turn: Turn
        let input: PendingInput?
        let start: StartRequest?
        let newEffects: [TaskRequest]
        let startedEffect: EffectNumber?
        let disarmed: ExecutionTimer?
        let armed: ExecutionTimer?
    }

    /// What a turn changes.
    struct Restorable {
        private let record: ExecutionRecord
        private let state: ExecutionState
        private let timer: ExecutionTimer?
        private let effects: [EffectNumber: PendingEffect]
        private let bytesSinceSnapshot: Int
        private let snapshotBytes: Int

        init(of execution: HotExecution) {
            record = execution.record
            state = execution.state
            timer = execution.timer
            effects = execution.effects
            bytesSinceSnapshot = execution.bytesSinceSnapshot
            snapshotBytes = execution.snapshotBytes
        }

        /// Puts the execution back to where it was.
        func restore(_ execution: HotExecution) {
            execution.record = record
            execution.state = state
            execution.timer = timer
            execution.effects = effects
            execution.bytesSinceSnapshot = bytesSinceSnapshot
            execution.snapshotBytes = snapshotBytes
        }
    }

    var record: ExecutionRecord
    let machine: CompiledStateMachine
    let interpreter: Interpreter
    var state: ExecutionState
    var timer: ExecutionTimer?
    var effects: [EffectNumber: PendingEffect]
    var inputs: [PendingInput] = []
    var commit: Commit?
    var bytesSinceSnapshot: Int
    var snapshotBytes: Int
    var lastUse: UInt64 = 0

    init(
        record: ExecutionRecord, machine: CompiledStateMachine, interpreter: Interpreter, state: ExecutionState,
        timer: ExecutionTimer?, effects: [EffectNumber: PendingEffect], bytesSinceSnapshot: Int, snapshotBytes: Int
    ) {
        self.record = record
        self.machine = machine
        self.interpreter = interpreter
        self.state = state
        self.timer = timer
        self.effects = effects
        self.bytesSinceSnapshot = bytesSinceSnapshot
        self.snapshotBytes = snapshotBytes
    }

    /// True when nothing waits for a commit or a turn: the execution may leave memory.
    var isIdle: Bool { commit == nil && inputs.isEmpty }
}
