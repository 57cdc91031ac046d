package import Engine
package import StatesInterpreter
import StatesLanguage
package import Store
package import TimeSource

/// What a test does while an engine lives.
package struct EngineLife: Sendable {
    /// The engine.
    package let engine: ExecutionEngine
    /// Its database, which fails on demand.
    package let database: FaultyDatabase
    /// The compiled state machines.
    package let machines: StateMachineDirectory
    /// The engine's keys.
    package let keys: EngineKeys
    /// The time.
    package let clock: ManualClock

    /// Something did not come about.
    package struct Timeout: Error, CustomStringConvertible {
        /// What was waited for.
        package let description: String
    }

    /// The machine of a name; it is made with this definition when it is not there.
    package func machine(_ definition: String, name: String = "m") async throws -> CompiledStateMachine {
        if let known = try await machines.find(name: name, account: EngineStory.account) { return known }
        let id = try await database.read { try StateMachineStore.largestID(in: $0) } + 1
        try await database.apply(
            StateMachineStore.create(
                StateMachineRecord(
                    id: id, account: EngineStory.account, name: name, type: "STANDARD", createdAt: clock.now,
                    revision: StateMachineRevision(
                        number: 1, revisionID: "1", definition: Array(definition.utf8), roleARN: "arn:aws:iam::000000000000:role/r",
                        configuration: [], updatedAt: clock.now))))
        guard let machine = try await machines.find(name: name, account: EngineStory.account) else {
            throw Timeout(description: "the machine \(name) was made and is not there")
        }
        return machine
    }

    /// Starts an execution.
    @discardableResult
    package func start(
        _ machine: CompiledStateMachine, name: String? = nil, input: String = "{}"
    ) async throws -> StartedExecution {
        let document: JSONDocument
        do {
            document = try JSONDocument(parsing: Array(input.utf8))
        } catch {
            preconditionFailure("the test's input is no JSON: \(input)")
        }
        return try await engine.startExecution(of: machine, name: name, input: document)
    }

    /// The record of an execution, by its name.
    package func record(_ name: String, machine: Int64 = 1) async throws -> ExecutionRecord? {
        try await database.read { transaction in
            guard let holder = try ExecutionStore.holder(ofName: name, machine: machine, in: transaction) else { return nil }
            return try ExecutionStore.find(holder.id, in: transaction)
        }
    }

    /// The events of an execution, in order.
    package func history(_ name: String, machine: Int64 = 1) async throws -> [HistoryEvent] {
        guard let record = try await record(name, machine: machine) else { return [] }
        let bodies = try await database.read { transaction in
            try ExecutionStore.history(record.id, limit: 1_000_000, in: transaction).map(\.body)
        }
        var payloads = PayloadTable()
        return try bodies.flatMap { try HistoryChunk(decoding: $0, payloads: &payloads).events }
    }

    /// The outcome of an execution, as text: `SUCCEEDED {"a":1}`, `FAILED Error: cause`, `RUNNING`.
    package func outcome(_ name: String, machine: Int64 = 1) async throws -> String {
        guard let record = try await record(name, machine: machine) else { return "none" }
        guard record.status != .running else { return record.status.rawValue }
        let bodies = try await database.read { transaction in
            try ExecutionStore.history(record.id, limit: 1_000_000, in: transaction).map(\.body)
        }
        var payloads = PayloadTable()
        var text = record.status.rawValue
        for body in bodies {
            switch try HistoryChunk(decoding: body, payloads: &payloads).delta.status {
            case .ended(.succeeded(let output)): text = record.status.rawValue + " " + String(decoding: output.text, as: UTF8.self)
            case .ended(.failed(let error, let cause)), .ended(.aborted(let error, let cause)), .ended(.timedOut(let error, let cause)):
                text = record.status.rawValue
                if let error { text += " " + error }
                if let cause { text += ": " + cause }
            case .running, .notStarted, nil: break
            }
        }
        return text
    }

    /// The outbox, as texts: `1 pending`.
    package func outbox() async throws -> [String] {
        try await database.read { transaction in
            try OutboxStore.executions(after: nil, limit: 1_000, in: transaction).flatMap { execution in
                try OutboxStore.entries(of: execution, in: transaction).map {
                    "\($0.key.effect) \($0.isStarted ? "started" : "pending")"
                }
            }
        }
    }

    /// The timers.
    package func timers() async throws -> [ExecutionTimer] {
        try await database.read { try TimerStore.all(in: $0) }
    }

    /// Returns once the condition holds; time goes on in steps of 100 ms meanwhile when `letsTimePass`.
    ///
    /// Each step waits for a moment of real time, so that on a busy machine minutes do not go by before the engine has had its turn.
    package func eventually(
        _ what: String, letsTimePass: Bool = false, _ condition: () async throws -> Bool
    ) async throws {
        // Real time bounds only how long a test that fails takes to say so.
        let giveUp = ContinuousClock.now + .seconds(600)
        var round = 0
        while ContinuousClock.now < giveUp {
            if try await condition() { return }
            round += 1
            if letsTimePass, round % 5 == 0 {
                clock.advance(by: .milliseconds(100))
                try await Task.sleep(for: .milliseconds(1))
            }
            await Task.yield()
        }
        throw Timeout(description: "waited in vain: \(what)")
    }

    /// Returns once an execution has ended, and tells how.
    package func end(of name: String, machine: Int64 = 1, letsTimePass: Bool = false) async throws -> String {
        try await eventually("the end of \(name)", letsTimePass: letsTimePass) {
            guard let record = try await record(name, machine: machine) else { return false }
            return record.status != .running
        }
        return try await outcome(name, machine: machine)
    }
}
