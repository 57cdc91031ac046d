package import Logging
import ServiceLifecycle
package import StatesInterpreter
package import Store
import Synchronization
import Threading
package import TimeSource

/// The durable heart: starts executions, steps them on what happens, and goes on where it was after any crash.
///
/// Decide, remember, act: a lane steps an execution in memory, the store makes the turn durable, then callers are answered and
/// effects begun. `docs/architecture/start-an-execution.md` walks through it.
package final class ExecutionEngine: Service {
    private let configuration: EngineConfiguration
    let database: any Database
    let clock: EngineClock
    private let identifiers: IdentifierSource
    private let directory: StateMachineDirectory
    private let keys: EngineKeys
    private let node: String
    private let effects: TaskQueue
    private let reads: TaskQueue
    private let timers: TimerQueue
    private let window = LoadWindow(limit: 2_048)
    let lane: Lane
    let hold: HoldGate
    /// Where workers fetch the tasks of activities.
    let activities: ActivityQueues
    /// Runs the children of DISTRIBUTED Map states.
    package let mapRuns: MapRunEngine
    private let logger: Logger
    private let failures: AsyncStream<StoreError>
    private let ready = Mutex(false)

    /// Puts an engine together; nothing runs before `run()`, but starts are taken from here on.
    ///
    /// - Parameters:
    ///   - start: what `NodeStore.beginIncarnation` answered.
    ///   - performer: the way to the outside.
    ///   - activities: which activities exist.
    ///   - objects: where Map states read items from and write results to.
    ///   - hold: closed while nothing may leave; recovery and timers wait for it.
    ///   - log: where the events go of machines that log.
    ///   - ownEvents: writes the events of executions that begin and end; nil for none.
    package init(
        configuration: EngineConfiguration, database: any Database, clock: EngineClock, identifiers: IdentifierSource,
        directory: StateMachineDirectory, keys: EngineKeys, node: String, start: NodeStore.Start,
        performer: any EffectPerformer, activities: ActivityDirectory, objects: any ObjectStore = NoObjectStore(),
        hold: HoldGate = HoldGate(), log: ExecutionLogSink? = nil, ownEvents: OwnEvents? = nil, logger: Logger
    ) {
        self.configuration = configuration
        self.database = database
        self.clock = clock
        self.identifiers = identifiers
        self.directory = directory
        self.keys = keys
        self.node = node
        self.hold = hold
        self.logger = logger
        effects = TaskQueue(limit: configuration.concurrentEffects)
        reads = TaskQueue(limit: 64)
        timers = TimerQueue(database: database, clock: clock, window: window, logger: logger)
        let (failures, failing) = AsyncStream<StoreError>.makeStream()
        self.failures = failures
        let loader = ExecutionLoader(
            database: database, directory: directory, keys: keys, configuration: configuration, startedAt: clock.now.engine, hold: hold)
        let mapRuns = MapRunRegistry()
        self.activities = ActivityQueues(directory: activities, database: database, clock: clock, logger: logger)
        lane = Lane(
            number: 0,
            dependencies: LaneDependencies(
                configuration: configuration, database: database, clock: clock, keys: keys, performer: performer,
                loader: loader, lastExecution: start.lastExecution, hold: hold, timers: timers, window: window, activities: self.activities, mapRuns: mapRuns,
                effects: effects, reads: reads, log: log, ownEvents: ownEvents, fail: { failing.yield($0) }, logger: logger))
        self.mapRuns = MapRunEngine(
            database: database, clock: clock, directory: directory, loader: loader, objects: objects, registry: mapRuns,
            limits: configuration.limits, hold: hold, logger: logger,
            post: { [lane] in lane.post($0) })
    }

    /// True once what earlier incarnations left unfinished has been taken up.
    package var isReady: Bool { ready.withLock { $0 } }

    /// Recovers, then fires timers and performs effects until the server stops. Throws when the store is lost, so that the
    /// process ends: what is durable goes on at the next start.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [effects] in await effects.run() }
            group.addTask { [reads] in await reads.run() }
            group.addTask { [activities] in await activities.run() }
            group.addTask { [mapRuns] in try await mapRuns.run() }
            group.addTask { [self] in
                if hold.isHeld {
                    ready.withLock { $0 = true }
                    await hold.wait()
                    try Task.checkCancellation()
                    lane.post(.released)
                }
                try await recover()
                ready.withLock { $0 = true }
                try await timers.run { [lane] timers in lane.post(.timers(timers)) }
            }
            group.addTask { [self] in try await keepEngineTime() }
            group.addTask { [failures] in
                for await failure in failures { throw failure }
            }
            group.addTask { try? await gracefulShutdown() }
            do {
                // Whatever ends first ends the engine: the shutdown without an error, everything else with one.
                try await group.next()
            } catch {
                group.cancelAll()
                await stopLane()
                throw error
            }
            group.cancelAll()
            await stopLane()
        }
    }

    /// Begins no more effects and waits until those under way have ended, at most this long. What is decided meanwhile stays
    /// pending and is begun by the next start. An unrepeatable effect that is cut off would fail its task.
    package func drain(limit: Duration) async {
        lane.post(.drain)
        activities.close()
        let step = Duration.milliseconds(20)
        var waited = Duration.zero
        while !effects.isIdle, waited < limit {
            try? await clock.sleep(for: step)
            waited += step
        }
        if !effects.isIdle { logger.warning("tasks are cut off by the server's end") }
    }

    /// Starts an execution; durable when it answers. Repeating a start of a running execution with the same name and input
    /// answers the first one (AWS StepFunctions API, StartExecution; core rule 2).
    ///
    /// - Parameters:
    ///   - name: the client's name, or nil for one of ours.
    ///   - input: the input, checked to be JSON.
    ///   - dedupeKey: the same at each repetition of a start by another part of the server: it is applied once, and answers as it
    ///     did, though the execution has ended meanwhile (core rule 1).
    package func startExecution(
        of machine: CompiledStateMachine, name: String?, input: JSONDocument, dedupeKey: String? = nil
    ) async throws(EngineError) -> StartedExecution {
        let name = name ?? identifiers.orderedUUID()
        let inputHash = InputHash.of(input.text)
        for _ in 0..<3 {
            if let dedupeKey, let earlier = try await earlierStart(dedupeKey) { return earlier }
            let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<StartOutcome, EngineError>, Never>) in
                let request = StartRequest(machine: machine, name: name, input: input, inputHash: inputHash, dedupeKey: dedupeKey) {
                    continuation.resume(returning: $0)
                }
                if !lane.post(.start(request)) { continuation.resume(returning: .failure(.shuttingDown)) }
            }
            if case .started(let started) = try result.get() { return started }
            if let dedupeKey, let earlier = try await earlierStart(dedupeKey) { return earlier }
            if let known = try await known(machine, name: name, inputHash: inputHash) { return known }
        }
        throw .store(StoreError(.conflict, detail: "the name could neither be taken nor found"))
    }

    /// Stops an execution: its status becomes ABORTED. Answers when it ended, which may have been before.
    package func stopExecution(_ id: ExecutionID, error: String?, cause: String?) async throws -> Timestamp {
        _ = try await submit(.stop(error: error, cause: cause), to: id)
        let record = try await database.read { try ExecutionStore.find(id, in: $0) }
        guard let record else { throw EngineError.executionDoesNotExist }
        return record.stoppedAt ?? clock.now.wall
    }

    /// Whether a token is one of ours for this account; the task may be over.
    package func isTaskToken(_ token: String, account: String) -> Bool { keys.task(of: token, account: account) != nil }

    /// Completes a task from outside by its token (SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat).
    package func completeTask(
        token: String, account: String, _ input: (EffectNumber) -> StepInput
    ) async throws(EngineError) {
        guard let (execution, effect) = keys.task(of: token, account: account) else { throw .taskDoesNotExist }
        guard case .taken = try await submit(input(effect), to: execution) else { throw .taskTimedOut }
    }

    /// Gives an execution an input and waits until what becomes of it is durable.
    func submit(_ input: StepInput, to id: ExecutionID) async throws(EngineError) -> InputOutcome {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<InputOutcome, EngineError>, Never>) in
            if !lane.post(.input(id, input, reply: { continuation.resume(returning: $0) })) {
                continuation.resume(returning: .failure(.shuttingDown))
            }
        }
        return try result.get()
    }

    /// A job may have ended that a task of an execution waits for.
    package func jobEnded(_ job: TaskJob) {
        lane.post(.jobEnded(job))
    }

    private func earlierStart(_ dedupeKey: String) async throws(EngineError) -> StartedExecution? {
        do {
            return try await database.read { try InboxStore.result(of: dedupeKey, in: $0) }.flatMap(StartedExecution.init(inboxResult:))
        } catch {
            throw .store(error as? StoreError ?? StoreError(.unavailable, detail: "\(error)"))
        }
    }

    private func known(
        _ machine: CompiledStateMachine, name: String, inputHash: [UInt8]
    ) async throws(EngineError) -> StartedExecution? {
        let arn = machine.executionARN(name: name)
        let holder: (inputHash: [UInt8], isClosed: Bool, startedAt: Timestamp?)?
        do {
            holder = try await database.read { transaction in
                guard let holder = try ExecutionStore.holder(ofName: name, machine: machine.record.id, in: transaction) else {
                    return nil
                }
                // The name outlives the execution.
                return (holder.inputHash, holder.isClosed, try ExecutionStore.find(holder.id, in: transaction)?.startedAt)
            }
        } catch {
            throw .store(error as? StoreError ?? StoreError(.unavailable, detail: "\(error)"))
        }
        guard let holder else { return nil }
        guard !holder.isClosed, holder.inputHash == inputHash, let startedAt = holder.startedAt else {
            throw .executionAlreadyExists(arn: arn)
        }
        return StartedExecution(arn: arn, startedAt: startedAt)
    }

    private func recover() async throws {
        let page = 1_000
        var last: ExecutionID?
        var count = 0
        repeat {
            let executions = try await database.read { [last] in try OutboxStore.executions(after: last, limit: page, in: $0) }
            window.post(executions.count)
            lane.post(.recovered(executions))
            count += executions.count
            last = executions.count == page ? executions.last : nil
            while last != nil, !window.claimsRoom() {
                try Task.checkCancellation()
                await window.bell.wait(upTo: .seconds(1), clock)
            }
        } while last != nil
        try await recoverJobs()
        logger.info("recovered", metadata: ["executions-with-effects": "\(count)"])
    }

    private func recoverJobs() async throws {
        let page = 1_000
        var last: OutboxEntry.Key?
        repeat {
            let jobs = try await database.read { [last] in try TaskJobStore.jobs(after: last, limit: page, in: $0) }
            lane.post(.recoveredJobs(jobs))
            last = jobs.count == page ? jobs.last?.key : nil
        } while last != nil
    }

    private func keepEngineTime() async throws {
        while true {
            try await clock.sleep(for: .seconds(5))
            do throws(StoreError) {
                try await database.apply([NodeStore.recordEngineTime(clock.now.engine, of: node)])
            } catch {
                guard error.isPassing else { throw error }
                // A full disk is no reason to end: the mark moves when there is room again.
                logger.error("engine time could not be stored", metadata: ["error": "\(error)"])
            }
        }
    }

    private func stopLane() async {
        activities.close()
        effects.finish()
        reads.finish()
        lane.close()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            _ = DedicatedThread(name: "lane-end") { [lane] in
                lane.join()
                continuation.resume()
            }
        }
    }
}
