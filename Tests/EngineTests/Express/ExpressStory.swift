import DatabaseSQLite
import Engine
import Logging
import ServiceLifecycle
import StatesInterpreter
import Store
import TestSupport
import TimeSource

/// A data directory in which an engine of Express executions lives, dies and lives again, on a clock that stands still.
struct ExpressStory {
    let directory: TemporaryDirectory
    let clock = ManualClock()

    /// Settings without the limit of five minutes: the clock of a story may run far ahead of a busy machine.
    static var patient: ExpressConfiguration {
        var configuration = ExpressConfiguration()
        configuration.limits.executionSeconds = nil
        return configuration
    }

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// One life of the engine: `body` is what happens in it. Unless it ends as on SIGTERM, nothing of what is under way is written
    /// any more.
    @discardableResult
    func life<Value: Sendable>(
        _ performer: any EffectPerformer = ScriptedEffects(), configuration: ExpressConfiguration = ExpressStory.patient,
        ending end: EngineStory.End = .crash, _ body: (ExpressLife) async throws -> Value
    ) async throws -> Value {
        let sqlite = try await SQLiteDatabase.open(path: directory.file("nightshift.db"))
        try await Migrator.migrate(sqlite)
        let start = try await NodeStore.beginIncarnation(of: "main", in: sqlite)
        sqlite.setFence(NodeFence(node: "main", incarnation: start.incarnation))
        let keys = try await EngineKeys.load(from: sqlite, random: SeededRandomSource(seed: 7))
        let database = FaultyDatabase(sqlite)
        let machines = StateMachineDirectory(database: database, region: configuration.region)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let engine = ExpressEngine(
            configuration: configuration, database: database, clock: EngineClock(source: clock, highWaterMark: start.engineTime),
            directory: machines, keys: keys, start: start, performer: performer, logger: logger)
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [engine], logger: logger))
        let life = ExpressLife(engine: engine, database: database, machines: machines, clock: clock)
        let value = try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await group.run() }
            let value: Value
            do {
                value = try await body(life)
            } catch {
                database.cut()
                tasks.cancelAll()
                throw error
            }
            switch end {
            case .crash:
                database.cut()
                tasks.cancelAll()
            case .shutdown:
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
            return value
        }
        await sqlite.close()
        return value
    }
}

/// What a test does while an engine of Express executions lives.
struct ExpressLife: Sendable {
    let engine: ExpressEngine
    let database: FaultyDatabase
    let machines: StateMachineDirectory
    let clock: ManualClock

    /// Something did not come about.
    struct Timeout: Error, CustomStringConvertible {
        let description: String
    }

    /// The Express machine of a name; it is made with this definition when it is not there.
    func machine(_ definition: String, name: String = "m") async throws -> CompiledStateMachine {
        if let known = try await machines.find(name: name, account: EngineStory.account) { return known }
        let id = try await database.read { try StateMachineStore.largestID(in: $0) } + 1
        try await database.apply(
            StateMachineStore.create(
                StateMachineRecord(
                    id: id, account: EngineStory.account, name: name, type: "EXPRESS", createdAt: clock.now,
                    revision: StateMachineRevision(
                        number: 1, revisionID: "1", definition: Array(definition.utf8), roleARN: "arn:aws:iam::000000000000:role/r",
                        configuration: [], updatedAt: clock.now))))
        guard let machine = try await machines.find(name: name, account: EngineStory.account) else {
            throw Timeout(description: "the machine \(name) was made and is not there")
        }
        return machine
    }

    /// Runs an execution; its outcome as text: `SUCCEEDED {"a":1}`, `FAILED Error: cause`.
    func runSync(_ machine: CompiledStateMachine, name: String? = nil, input: String = "{}") async throws -> String {
        ExpressLife.text(of: try await result(machine, name: name, input: input).outcome)
    }

    /// Runs an execution.
    func result(_ machine: CompiledStateMachine, name: String? = nil, input: String = "{}") async throws -> ExpressResult {
        try await engine.startSyncExecution(of: machine, name: name, input: try JSONDocument(parsing: Array(input.utf8)))
    }

    /// Starts an asynchronous execution.
    @discardableResult
    func start(
        _ machine: CompiledStateMachine, name: String? = nil, input: String = "{}"
    ) async throws -> StartedExecution {
        try await engine.startExecution(of: machine, name: name, input: try JSONDocument(parsing: Array(input.utf8)))
    }

    /// The names of the starts that are stored.
    func starts() async throws -> [String] {
        try await database.read { try ExpressStore.starts(after: nil, limit: 1_000, in: $0).map(\.name) }
    }

    /// Returns once the condition holds; time goes on meanwhile when `letsTimePass`.
    func eventually(_ what: String, letsTimePass: Bool = false, _ condition: () async throws -> Bool) async throws {
        // Real time bounds only how long a test that fails takes to say so.
        let giveUp = ContinuousClock.now + .seconds(600)
        var round = 0
        while ContinuousClock.now < giveUp {
            if try await condition() { return }
            round += 1
            if letsTimePass, round % 5 == 0 { clock.advance(by: .milliseconds(100)) }
            await Task.yield()
        }
        throw Timeout(description: "waited in vain: \(what)")
    }

    /// Does something that waits for time to pass, and lets it pass.
    func waiting<Value: Sendable>(for body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while !Task.isCancelled {
                    clock.advance(by: .milliseconds(100))
                    for _ in 0..<5 { await Task.yield() }
                }
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else { throw Timeout(description: "cancelled") }
            return value
        }
    }

    static func text(of outcome: ExecutionOutcome) -> String {
        var text = outcome.status
        switch outcome {
        case .succeeded(let output): text += " " + String(decoding: output.text, as: UTF8.self)
        case .failed(let error, let cause), .timedOut(let error, let cause), .aborted(let error, let cause):
            if let error { text += " " + error }
            if let cause { text += ": " + cause }
        }
        return text
    }
}
