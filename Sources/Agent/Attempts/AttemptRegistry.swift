import AgentProtocol
import CSpawn
import Logging
import TimeSource

/// All attempts of this node: carries out what their state machines decide, on the spool, by supervisors and towards the server.
///
/// Its work is blocking file operations, so it runs on an executor of its own. It holds no output: what is to be sent is read
/// from the spool when the link asks for it, which is the back pressure.
actor AttemptRegistry {
    /// After so long without an answer the server is asked again.
    static let answerOverdueAfter: Duration = .seconds(15)
    private static let retryRecordAfter: Duration = .seconds(5)
    private static let lockLookEvery: Duration = .seconds(1)
    /// How often all attempts are looked at while changes in the spool are noticed by themselves.
    private static let lookEvery: Duration = .milliseconds(500)
    /// How many offers are recorded at the same time.
    private static let recordWidth = 8

    nonisolated let executor = BlockingExecutor(label: "agent-spool")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let spool: String
    private let bootID: String
    private let incarnation: Int64
    private let capacity: Int
    private let launcher: SupervisorLauncher
    let clock: any ClockSource
    private let logger: Logger
    var entries: [AttemptID: SpooledEntry] = [:]
    /// In the order of arrival, which is the order of places.
    var order: [AttemptID] = []
    /// Supervisors that this process started and has not waited for yet.
    var supervisors: [Int32: AttemptID] = [:]
    var turn = 0
    var wakeup: AsyncStream<Void>.Continuation?
    /// Yields when there may be attempts that need looking after; for one consumer, as long as the agent runs.
    nonisolated let activity: AsyncStream<Void>
    private let activitySignal: AsyncStream<Void>.Continuation
    /// Yields when `lookAtNews` has something to do; for one consumer.
    nonisolated let news: AsyncStream<Void>
    private let newsSignal: AsyncStream<Void>.Continuation
    private let watch: SpoolWatch?
    private var watched: [Int32: AttemptID] = [:]
    /// Attempts whose directories could not be watched: as long as there are any all are looked at often.
    private var unwatched: Set<AttemptID> = []
    /// How often that is.
    private let pollingInterval: Duration
    private var ended: EndedAttempts
    private let recorders = SideBySide(width: recordWidth, label: "agent-record")

    init(
        spool: String, bootID: String, incarnation: Int64, capacity: Int, launcher: SupervisorLauncher,
        ended: EndedAttempts, pollingInterval: Duration, clock: any ClockSource, logger: Logger
    ) {
        self.spool = spool
        self.ended = ended
        self.bootID = bootID
        self.incarnation = incarnation
        self.capacity = capacity
        self.launcher = launcher
        self.clock = clock
        self.logger = logger
        self.pollingInterval = pollingInterval
        (activity, activitySignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (news, newsSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        watch = SpoolWatch(queue: executor.queue) { [newsSignal] in newsSignal.yield() }
    }

    // MARK: - From the spool

    /// Takes up what an earlier agent left in the spool.
    func recover() {
        for name in PosixFile.list(spool) {
            guard let attempt = AttemptID(name) else { continue }
            let directory = SpoolDirectory(attempt: attempt, spool: spool)
            guard let accepted = directory.accepted() else {
                // Never claimed, or almost deleted.
                remove(directory)
                continue
            }
            // Whether it was started is read first, its lock next, its exit by `look`: the order in which they come to be.
            let hasStarted = directory.started() != nil
            let isKnownToRun = hasStarted || directory.isSupervised() || directory.outcome() != nil
            let state: AttemptStateMachine.State = isKnownToRun
                ? .running(digest: accepted.digest, hasStarted: false, startsLost: 0)
                : .accepted(digest: accepted.digest, startsLost: 0)
            entries[attempt] = SpooledEntry(
                machine: AttemptStateMachine(attempt: attempt, recovered: state), directory: directory)
            order.append(attempt)
            watch(directory)
            logger.info("found an attempt in the spool", metadata: ["attempt": "\(attempt)", "running": "\(isKnownToRun)"])
        }
        launcher.controlGroups?.removeLeftovers(spool: spool)
        look()
        activitySignal.yield()
    }

    /// The agent ends: what only running attempts need is removed if there are none.
    func leave() {
        if entries.isEmpty { launcher.controlGroups?.removeWhenEmpty() }
    }

    /// Looks at all attempts' directories. Answers after how long it is worth looking again; nil when there is nothing to look at.
    @discardableResult
    func look() -> Duration? {
        reap()
        for attempt in order { look(at: attempt) }
        settle()
        guard !entries.isEmpty || !supervisors.isEmpty else { return nil }
        return watch == nil || !unwatched.isEmpty ? pollingInterval : Self.lookEvery
    }

    /// Looks at the directories that have changed, and gives places to what was offered meanwhile.
    func lookAtNews() {
        switch watch?.take() {
        case .directories(let watches):
            for watch in watches {
                if let attempt = watched[watch] { look(at: attempt) }
            }
            settle()
        case .everywhere:
            look()
        case nil:
            settle()
        }
    }

    /// What follows from looks and messages.
    func settle() {
        collectGone()
        place()
        if entries.values.contains(where: hasSomethingToSend) { wakeup?.yield() }
    }

    private func watch(_ directory: SpoolDirectory) {
        if let number = watch?.add(directory.path) {
            watched[number] = directory.attempt
            entries[directory.attempt]?.watch = number
        } else {
            unwatched.insert(directory.attempt)
        }
    }

    /// Waits for supervisors that ended, also for those whose attempts are long forgotten.
    private func reap() {
        for (process, attempt) in supervisors {
            var code: Int32 = 0
            var signal: Int32 = 0
            guard cspawn_wait(process, 1 /* WNOHANG */, &code, &signal) != 0 else { continue }
            supervisors[process] = nil
            // Now the lock tells; without this it is asked only now and then.
            entries[attempt]?.lockLookAt = nil
            if code > 0 {
                logger.error("a supervisor failed", metadata: ["attempt": "\(attempt)", "status": "\(code)"])
            }
        }
    }

    func look(at attempt: AttemptID) {
        guard let entry = entries[attempt] else { return }
        switch entry.machine.state {
        case .running(_, let hasStarted, _):
            lookAtRunning(attempt, entry, hasStarted)
        case .draining:
            discard(attempt)
            if entry.discardsOutput || isDelivered(attempt) { feed(attempt, .outputDelivered) }
        case .accepted, .reporting:
            if let askedAt = entry.askedAt, entry.outbox.isEmpty, clock.monotonic - askedAt > Self.answerOverdueAfter {
                entries[attempt]?.askedAt = nil
                feed(attempt, .answerOverdue)
            }
        case .waiting, .gone:
            break
        }
    }

    private func lookAtRunning(_ attempt: AttemptID, _ entry: SpooledEntry, _ hasStarted: Bool) {
        let now = clock.monotonic
        // The lock before the records: a supervisor writes `exit` first and lets go of the lock then.
        var isSupervised = true
        if entry.lockLookAt.map({ now >= $0 }) ?? true {
            isSupervised = entry.directory.isSupervised()
            entries[attempt]?.lockLookAt = now + Self.lockLookEvery
        }
        let started = entry.directory.started()
        if let started, !hasStarted { feed(attempt, .started(atMilliseconds: started.startedAtMilliseconds)) }
        if var outcome = entry.directory.outcome() {
            if outcome.stopped == .terminated, let started, started.bootID != bootID {
                // An orderly restart of the node: the supervisor was asked to end the job, and had the time to.
                outcome.failure = .nodeRebooted
                outcome.message = "the node restarted while the command ran"
            }
            feed(attempt, .ended(outcome))
            look(at: attempt)
        } else if !isSupervised {
            // Before it is told as lost: nobody may think that it runs no more while it does.
            launcher.endLeftovers(of: entry.directory)
            feed(attempt, .supervisorVanished(rebooted: started.map { $0.bootID != bootID } ?? false))
        }
        discard(attempt)
    }

    /// Throws away output that the server does not want.
    private func discard(_ attempt: AttemptID) {
        guard let entry = entries[attempt], entry.discardsOutput, entry.reader.mayHaveMore() else { return }
        guard let end = try? entry.reader.read(limit: ReportBatch.mostOutputBytes).end else { return }
        entries[attempt]?.reader.deliver(to: end)
    }

    private func isDelivered(_ attempt: AttemptID) -> Bool {
        guard let reader = entries[attempt]?.reader, reader.mayHaveMore() else { return true }
        do throws(SystemError) {
            return try reader.isDelivered()
        } catch {
            logger.error("output cannot be read", metadata: ["attempt": "\(attempt)", "error": "\(error)"])
            return true
        }
    }

    // MARK: - From the server

    /// A session began: everything unanswered is asked again.
    func sessionOpened(_ messages: [ServerMessage]) {
        // Before the messages: what this session offers must not be taken for a leftover of the last one.
        for attempt in order { feed(attempt, .sessionOpened) }
        collectGone()
        for message in messages { handle(message) }
        settle()
    }

    /// Takes a message of the stream or of a reply.
    func handle(_ message: ServerMessage) {
        switch message {
        case .offer(let offer): take(offer)
        case .go(let go): feed(go.attempt, .go(go))
        case .void(let attempt): feed(attempt, .void)
        case .cancel(let attempt): feed(attempt, .cancel)
        case .closed(let attempt): feed(attempt, .closed)
        case .acknowledged(let attempt, let stream, let offset):
            entries[attempt]?.reader.acknowledge(stream, offset: offset)
        case .ping, .unknown: return
        }
        // Places are given a moment later, so that offers that come together are recorded together.
        newsSignal.yield()
    }

    private func take(_ offer: CommandOffer) {
        if entries[offer.attempt] != nil {
            // Offered again: the server may not have our claim.
            feed(offer.attempt, .answerOverdue)
            return
        }
        let directory = SpoolDirectory(attempt: offer.attempt, spool: spool)
        order.append(offer.attempt)
        if let outcome = ended.outcome(of: offer.attempt) {
            logger.warning("an attempt that has ended is offered again; its outcome is told again", metadata: ["attempt": "\(offer.attempt)"])
            entries[offer.attempt] = SpooledEntry(
                machine: AttemptStateMachine(attempt: offer.attempt, recovered: .reporting(outcome)), directory: directory)
            feed(offer.attempt, .answerOverdue)
            return
        }
        entries[offer.attempt] = SpooledEntry(machine: AttemptStateMachine(offer: offer), directory: directory)
        logger.debug("offered", metadata: ["attempt": "\(offer.attempt)", "document": "\(offer.documentName)"])
    }

    // MARK: - Decisions

    /// Gives free places to those that wait longest, and records them: durably, before anything is told of it.
    private func place() {
        var free = capacity - entries.values.count { $0.machine.takesPlace }
        var placed: [(offer: CommandOffer, directory: SpoolDirectory)] = []
        for attempt in order where free > 0 {
            guard let entry = entries[attempt], case .waiting(let offer) = entry.machine.state else { continue }
            if let retryAt = entry.retryAt, clock.monotonic < retryAt { continue }
            placed.append((offer, entry.directory))
            free -= 1
        }
        guard !placed.isEmpty else { return }
        let failures = record(placed)
        for (item, failure) in zip(placed, failures) {
            if let failure {
                logger.error("an offer cannot be stored", metadata: ["attempt": "\(item.offer.attempt)", "error": "\(failure)"])
                entries[item.offer.attempt]?.retryAt = clock.monotonic + Self.retryRecordAfter
            } else {
                watch(item.directory)
                feed(item.offer.attempt, .placed)
            }
        }
    }

    /// Records offers side by side; a failure for each that could not be.
    private func record(_ placed: [(offer: CommandOffer, directory: SpoolDirectory)]) -> [SystemError?] {
        let failures = recorders.map(placed) { [bootID, incarnation] item -> SystemError? in
            let accepted = SpoolDirectory.Accepted(
                digest: item.offer.digest, documentName: item.offer.documentName, bootID: bootID, incarnation: incarnation)
            do throws(SystemError) {
                try item.directory.record(accepted)
                return nil
            } catch {
                return error
            }
        }
        do throws(SystemError) {
            try PosixFile.syncDirectory(spool)
            return failures
        } catch {
            return failures.map { _ in error }
        }
    }

    private func feed(_ attempt: AttemptID, _ input: AttemptStateMachine.Input) {
        guard var entry = entries[attempt] else { return }
        let actions = entry.machine.handle(input, now: clock.now.milliseconds)
        entries[attempt] = entry
        for action in actions { perform(action, for: attempt) }
        if !actions.isEmpty { activitySignal.yield() }
    }

    private func perform(_ action: AttemptStateMachine.Action, for attempt: AttemptID) {
        guard let directory = entries[attempt]?.directory else { return }
        switch action {
        case .record:
            // `place` has done so before it fed `placed`.
            break
        case .send(let message):
            entries[attempt]?.post(message)
            entries[attempt]?.askedAt = nil
            wakeup?.yield()
        case .launch(let go):
            launch(go, in: directory)
        case .requestCancel:
            do throws(SystemError) {
                try directory.requestCancel()
            } catch {
                logger.error("cancel cannot be stored", metadata: ["attempt": "\(attempt)", "error": "\(error)"])
            }
        case .discardOutput:
            entries[attempt]?.discardsOutput = true
            entries[attempt]?.outbox.removeAll()
        case .remember(let outcome):
            do throws(SystemError) {
                try ended.remember(outcome)
            } catch {
                logger.error("an outcome cannot be kept", metadata: ["attempt": "\(attempt)", "error": "\(error)"])
            }
        case .removeDirectory:
            remove(directory)
        }
    }

    private func launch(_ go: CommandGo, in directory: SpoolDirectory) {
        do throws(SupervisorLauncher.Refusal) {
            let supervisor = try launcher.launch(go, in: directory)
            supervisors[supervisor] = go.attempt
            entries[go.attempt]?.lockLookAt = clock.monotonic + Self.lockLookEvery
            logger.info("started", metadata: ["attempt": "\(go.attempt)", "steps": "\(go.steps.count)"])
        } catch {
            logger.error("cannot start", metadata: ["attempt": "\(go.attempt)", "error": "\(error.message)"])
            feed(go.attempt, .launchFailed(error.message))
        }
    }

    private func remove(_ directory: SpoolDirectory) {
        do throws(SystemError) {
            try directory.remove()
        } catch {
            logger.error("a spool directory cannot be deleted", metadata: ["path": "\(directory.path)", "error": "\(error)"])
        }
    }

    private func collectGone() {
        order.removeAll { attempt in
            guard let entry = entries[attempt], entry.machine.state == .gone else { return false }
            // Its directory is deleted, and the watch ends with that.
            if let watch = entry.watch { watched[watch] = nil }
            unwatched.remove(attempt)
            entries[attempt] = nil
            return true
        }
    }
}
