import StatesInterpreter
import Store
import TimeSource

/// An execution as read from the store, still running.
struct LoadedExecution: Sendable {
    let record: ExecutionRecord
    let machine: CompiledStateMachine
    let state: ExecutionState
    let effects: [OutboxEntry]
    let bytesSinceSnapshot: Int
    let snapshotBytes: Int
}

/// Brings executions into memory: new ones, and stored ones from their snapshot and the deltas since (core rule 2).
struct ExecutionLoader: Sendable {
    let database: any Database
    let directory: StateMachineDirectory
    let keys: EngineKeys
    let configuration: EngineConfiguration

    private static let page = 500

    /// An execution that begins now.
    func begin(_ record: ExecutionRecord, machine: CompiledStateMachine) -> HotExecution {
        HotExecution(
            record: record, machine: machine, interpreter: interpreter(record, machine), state: ExecutionState(), timer: nil,
            effects: [:], bytesSinceSnapshot: 0, snapshotBytes: 0)
    }

    /// The execution in memory that continues a stored one.
    func resume(_ loaded: LoadedExecution) -> HotExecution {
        var effects: [EffectNumber: HotExecution.PendingEffect] = [:]
        for entry in loaded.effects {
            let number = EffectNumber(rawValue: Int64(entry.effect))
            guard let request = try? TaskRequest(decoding: entry.body) else { continue }
            effects[number] = HotExecution.PendingEffect(key: entry.key, request: request, isStarted: entry.isStarted)
        }
        return HotExecution(
            record: loaded.record, machine: loaded.machine, interpreter: interpreter(loaded.record, loaded.machine),
            state: loaded.state, timer: TurnBatch.timer(loaded.state.nextDue, execution: loaded.record.id), effects: effects,
            bytesSinceSnapshot: loaded.bytesSinceSnapshot, snapshotBytes: loaded.snapshotBytes)
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
        do {
            if let snapshot = stored.snapshot {
                state = try ExecutionState(decoding: snapshot, payloads: &payloads)
            }
            for chunk in stored.chunks {
                state.apply(try HistoryChunk(decoding: chunk, payloads: &payloads).delta)
            }
        } catch {
            throw StoreError.corrupted("history of execution \(id.value): \(error)")
        }
        return LoadedExecution(
            record: stored.record, machine: machine, state: state, effects: stored.effects,
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
