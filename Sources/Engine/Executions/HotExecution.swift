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
        /// True for the task of an activity: its row is in the queue of that, and nothing is under way here.
        var waitsForWorker = false
    }

    /// An input that waits for the turn before it.
    struct PendingInput: Sendable {
        let input: StepInput
        let reply: InputReply?
        /// The job that the request of a task has begun, when this input says so.
        var job: TaskJob?
        /// What else is to be committed with the turn.
        var attached: [Statement] = []
        /// The timer that made this input, when one did.
        var timer: ExecutionTimer?
        /// The client's token of a redrive.
        var redriveToken: String?
        /// How often the store refused the turn that it causes.
        var refusals = 0
    }

    /// What to do when the batch is durable, and how to go back when it failed.
    struct Commit {
        let before: Restorable
        let turn: Turn
        let input: PendingInput?
        let start: StartRequest?
        let newEffects: [TaskRequest]
        let newActivityTasks: [TurnBatch.NewActivityTask]
        let startedEffect: EffectNumber?
        let disarmed: [ExecutionTimer]
        let armed: [ExecutionTimer]
        let jobs: JobChanges
        let mapRuns: MapRunChanges
        let ownEvents: [DeliveryRecord]
    }

    /// What a turn changes.
    struct Restorable {
        private let record: ExecutionRecord
        private let state: ExecutionState
        private let timers: NextDue
        private let isTimerCertain: Bool
        private let isSuspended: Bool
        private let effects: [EffectNumber: PendingEffect]
        private let jobs: [EffectNumber: TaskJobRecord]
        private let bytesSinceSnapshot: Int
        private let snapshotBytes: Int

        init(of execution: HotExecution) {
            record = execution.record
            state = execution.state
            timers = execution.timers
            isTimerCertain = execution.isTimerCertain
            isSuspended = execution.isSuspended
            effects = execution.effects
            jobs = execution.jobs
            bytesSinceSnapshot = execution.bytesSinceSnapshot
            snapshotBytes = execution.snapshotBytes
        }

        /// Puts the execution back to where it was.
        func restore(_ execution: HotExecution) {
            execution.record = record
            execution.state = state
            execution.timers = timers
            execution.isTimerCertain = isTimerCertain
            execution.isSuspended = isSuspended
            execution.effects = effects
            execution.jobs = jobs
            execution.bytesSinceSnapshot = bytesSinceSnapshot
            execution.snapshotBytes = snapshotBytes
        }
    }

    var record: ExecutionRecord
    let machine: CompiledStateMachine
    /// The Map Runs of one that was read after its end, by the effects that asked for them, but for those that succeeded; nil for others.
    var endedMapRuns: [EffectNumber: MapRunRecord]?
    /// Another one after a redrive, of which its environment tells.
    var interpreter: Interpreter
    var state: ExecutionState
    /// The rows in the timer table: one for each clock that it waits on.
    var timers: NextDue
    /// False when the execution was read and `timers` is what its state asks for: the row may be another one, which a heartbeat
    /// of an earlier life has moved. The next turn sees to it that the row is there.
    var isTimerCertain = true
    /// True when its last turn used up the budget: it goes on by `StepInput.proceed`.
    var isSuspended = false
    /// True while a `proceed` is under way to it.
    var isProceeding = false
    /// True once its state is ahead of what is stored: heartbeats are not. It then stays in memory to its end.
    var hasHeartbeats = false
    var effects: [EffectNumber: PendingEffect]
    /// The jobs that its tasks wait for.
    var jobs: [EffectNumber: TaskJobRecord]
    var inputs: [PendingInput] = []
    var commit: Commit?
    var bytesSinceSnapshot: Int
    var snapshotBytes: Int
    /// Its neighbours in `HotExecutions`, which owns them and alone sets these, and what that counts for it.
    unowned(unsafe) var usedAfter: HotExecution?
    unowned(unsafe) var usedBefore: HotExecution?
    var countedBytes = 0

    init(
        record: ExecutionRecord, machine: CompiledStateMachine, interpreter: Interpreter, state: ExecutionState,
        timers: NextDue, effects: [EffectNumber: PendingEffect], jobs: [EffectNumber: TaskJobRecord], bytesSinceSnapshot: Int, snapshotBytes: Int
    ) {
        self.record = record
        self.machine = machine
        self.interpreter = interpreter
        self.state = state
        self.timers = timers
        self.effects = effects
        self.jobs = jobs
        self.bytesSinceSnapshot = bytesSinceSnapshot
        self.snapshotBytes = snapshotBytes
    }

    /// True when the execution may leave memory: nothing waits for a commit or a turn, no effect is under way, and the store
    /// knows all that it knows.
    var isEvictable: Bool {
        commit == nil && inputs.isEmpty && effects.values.allSatisfy(\.waitsForWorker) && !isProceeding && !hasHeartbeats
    }

    /// About how much memory it takes: values in memory are larger than what is stored of them.
    var estimatedBytes: Int { 4_096 + 3 * (snapshotBytes + bytesSinceSnapshot) }
}
