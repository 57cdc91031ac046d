import Logging
import StatesInterpreter
import Store
import TimeSource

/// What runs on a lane's thread: the executions in memory and what is done with each message. Not shared with any other thread.
final class LaneWorker {
    let dependencies: LaneDependencies
    let post: @Sendable (LaneMessage) -> Void
    /// Executions in memory.
    var hot: [ExecutionID: HotExecution] = [:]
    /// Inputs of executions that are being read from the store.
    var awaitingLoad: [ExecutionID: [HotExecution.PendingInput]] = [:]
    private var useCounter: UInt64 = 0
    private var sequence: Int64 = 0
    private var startCounter = 0

    init(dependencies: LaneDependencies, post: @escaping @Sendable (LaneMessage) -> Void) {
        self.dependencies = dependencies
        self.post = post
    }

    func handle(_ message: LaneMessage) {
        switch message {
        case .start(let request): start(request)
        case .input(let id, let input, let reply): take(HotExecution.PendingInput(input: input, reply: reply), for: id)
        case .timer(let timer): fire(timer)
        case .committed(let id, let error): committed(id, error)
        case .loaded(let id, let result): loaded(id, result)
        case .recovered(let entry): recover(entry)
        }
    }

    /// The next place in a shard's outbox. The incarnation stands in the upper half, so numbers never come twice.
    func nextOutboxKey(of id: ExecutionID) -> OutboxEntry.Key {
        sequence += 1
        return OutboxEntry.Key(shard: id.shard, sequence: dependencies.incarnation << 32 | sequence)
    }

    /// The next execution's id.
    func nextExecutionID(arn: String, startedAt: Timestamp) -> ExecutionID {
        startCounter = (startCounter + 1) & 0xFFF
        // FNV-1a: stable over versions, as the shard is part of what is stored.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in arn.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return ExecutionID(
            startedAt: startedAt, shard: Int(hash % UInt64(ExecutionID.shardCount)), sequence: startCounter)
    }

    /// Notes that an execution is in use, for the eviction of the others.
    func touch(_ execution: HotExecution) {
        useCounter += 1
        execution.lastUse = useCounter
    }

    /// Drops the executions that were idle longest when too many are in memory. Those with effects under way stay.
    func evict() {
        let limit = dependencies.configuration.hotExecutions
        guard hot.count > limit else { return }
        let idle = hot.filter { $0.value.isIdle && $0.value.effects.isEmpty }.sorted { $0.value.lastUse < $1.value.lastUse }
        for (id, _) in idle.prefix(hot.count - limit * 3 / 4) { hot[id] = nil }
    }

    /// Answers whoever still waits, at the end.
    func abandon() {
        for waiting in awaitingLoad.values {
            for input in waiting { input.reply?(.failure(.shuttingDown)) }
        }
        for execution in hot.values {
            for input in execution.inputs { input.reply?(.failure(.shuttingDown)) }
            execution.commit?.input?.reply?(.failure(.shuttingDown))
            execution.commit?.start?.reply(.failure(.shuttingDown))
        }
    }

    private func start(_ request: StartRequest) {
        let now = dependencies.clock.now
        let arn = request.machine.executionARN(name: request.name, region: dependencies.configuration.region)
        let record = ExecutionRecord(
            id: nextExecutionID(arn: arn, startedAt: now.wall), machine: request.machine.record.id,
            revision: request.machine.record.revision.number, name: request.name, status: .running, startedAt: now.wall)
        let execution = dependencies.loader.begin(record, machine: request.machine)
        hot[record.id] = execution
        touch(execution)
        step(execution, HotExecution.PendingInput(input: .start(input: request.input), reply: nil), start: request)
    }

    private func take(_ input: HotExecution.PendingInput, for id: ExecutionID) {
        if let execution = hot[id] {
            touch(execution)
            execution.inputs.append(input)
            advance(execution)
        } else if awaitingLoad[id] != nil {
            awaitingLoad[id]?.append(input)
        } else {
            awaitingLoad[id] = [input]
            load(id)
        }
    }

    private func fire(_ timer: ExecutionTimer) {
        if let execution = hot[timer.execution], execution.timer != timer {
            // A timer of an earlier turn; its row may have outlived it when the execution was read again since.
            drop(timer)
        } else {
            take(HotExecution.PendingInput(input: .due, reply: nil, timer: timer), for: timer.execution)
        }
    }

    /// Deletes the row of a timer that nobody waits for.
    func drop(_ timer: ExecutionTimer) {
        dependencies.database.apply([TimerStore.disarm(timer)]) { _ in }
    }
}
