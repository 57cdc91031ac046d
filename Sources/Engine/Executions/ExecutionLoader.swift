import StatesInterpreter
import Store
import TimeSource

/// An execution as read from the store, still running.
struct LoadedExecution: Sendable {
    let record: ExecutionRecord
    let machine: CompiledStateMachine
    let state: ExecutionState
    let effects: [EffectNumber: HotExecution.PendingEffect]
    let bytesSinceSnapshot: Int
    let snapshotBytes: Int
}

/// Brings executions into memory: new ones, and stored ones from their snapshot and the deltas since (core rule 2).
struct ExecutionLoader: Sendable {
    let database: any Database
    let directory: StateMachineDirectory
    let keys: EngineKeys
    let configuration: EngineConfiguration
    /// Engine time when this incarnation began: workers could not send heartbeats before.
    let startedAt: Timestamp

    private static let page = 500

    /// An execution that begins now.
    func begin(_ record: ExecutionRecord, machine: CompiledStateMachine) -> HotExecution {
        HotExecution(
            record: record, machine: machine, interpreter: interpreter(record, machine), state: ExecutionState(), timer: nil,
            effects: [:], bytesSinceSnapshot: 0, snapshotBytes: 0)
    }

    /// The execution in memory that continues a stored one.
    func resume(_ loaded: LoadedExecution) -> HotExecution {
        var state = loaded.state
        // Core rule 5: after downtime heartbeats get one full interval of grace.
        state.grantHeartbeatGrace(now: Instants(engine: startedAt, wall: startedAt))
        let execution = HotExecution(
            record: loaded.record, machine: loaded.machine, interpreter: interpreter(loaded.record, loaded.machine),
            state: state, timer: nil, effects: loaded.effects, bytesSinceSnapshot: loaded.bytesSinceSnapshot,
            snapshotBytes: loaded.snapshotBytes)
        execution.isSuspended = state.isSuspended
        execution.timer = TurnBatch.timer(state.nextDue, of: execution)
        execution.isTimerCertain = false
        return execution
    }

    /// Reads an execution; nil when there is none or it has ended.
    func load(_ id: ExecutionID) async throws -> LoadedExecution? {
        guard let stored = try await database.read({ try StoredExecution.read(id, in: $0, page: ExecutionLoader.page) }) else {
            return nil
        }
        guard let machine = try await directory.find(id: stored.record.machine, revision: stored.record.revision) else {
            throw StoreError.corrupted("the state machine of execution \(id.value) is missing")
        }
        var payloads = PayloadTable()
        var state = ExecutionState()
        var effects: [EffectNumber: HotExecution.PendingEffect] = [:]
        do {
            if let snapshot = stored.snapshot {
                state = try ExecutionState(decoding: snapshot, payloads: &payloads)
            }
            for chunk in stored.chunks {
                state.apply(try HistoryChunk(decoding: chunk, payloads: &payloads).delta)
            }
            for entry in stored.effects {
                effects[EffectNumber(rawValue: Int64(entry.effect))] = HotExecution.PendingEffect(
                    key: entry.key, request: try TaskRequest(decoding: entry.body), isStarted: entry.isStarted)
            }
        } catch {
            throw StoreError.corrupted("history of execution \(id.value): \(error)")
        }
        return LoadedExecution(
            record: stored.record, machine: machine, state: state, effects: effects,
            bytesSinceSnapshot: stored.chunks.reduce(0) { $0 + $1.count }, snapshotBytes: stored.snapshot?.count ?? 0)
    }

    private func interpreter(_ record: ExecutionRecord, _ machine: CompiledStateMachine) -> Interpreter {
        let account = machine.record.account
        let id = record.id
        return Interpreter(
            definition: machine.definition,
            environment: ExecutionEnvironment(
                executionARN: machine.executionARN(name: record.name, region: configuration.region),
                executionName: record.name, roleARN: machine.record.revision.roleARN, startTime: record.startedAt,
                redriveCount: Int(record.redrives), stateMachineARN: machine.arn, stateMachineName: machine.record.name,
                region: configuration.region, secret: keys.executionSecret(id),
                tokens: TaskTokenMinter { [keys] in keys.taskToken(account: account, execution: id, effect: $0) },
                limits: configuration.limits))
    }
}

extension ExecutionState {
    /// True when a branch can go on by itself: the last turn ended because its budget was used up.
    fileprivate var isSuspended: Bool {
        branches.values.contains { branch in
            switch branch.phase {
            case .entering, .working: true
            default: false
            }
        }
    }
}

/// What the store holds of a running execution.
private struct StoredExecution: Sendable {
    let record: ExecutionRecord
    let snapshot: [UInt8]?
    let chunks: [[UInt8]]
    let effects: [OutboxEntry]

    static func read(
        _ id: ExecutionID, in transaction: any ReadTransaction, page: Int
    ) throws(StoreError) -> StoredExecution? {
        guard let record = try ExecutionStore.find(id, in: transaction), record.status == .running else { return nil }
        let snapshot = try ExecutionStore.snapshot(id, in: transaction)
        var chunks: [[UInt8]] = []
        var next = snapshot?.nextEvent ?? 1
        while true {
            let read = try ExecutionStore.chunks(id, from: next, limit: page, in: transaction)
            chunks += read.map(\.body)
            guard read.count == page, let last = read.last else { break }
            next = last.firstEvent + 1
        }
        return StoredExecution(
            record: record, snapshot: snapshot?.body, chunks: chunks,
            effects: try OutboxStore.entries(of: id, in: transaction))
    }
}
