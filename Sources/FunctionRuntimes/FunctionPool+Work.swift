import Synchronization
import TimeSource

extension FunctionPool {
    /// How often idle processes and the memory of busy ones are looked at.
    private static let houseKeepingInterval = Duration.milliseconds(250)
    /// How often an event is given to another process after one has ended without seeing it.
    private static let mostPlacements = 3

    /// One job of the task group.
    func perform(_ job: Job) async {
        switch job {
        case .invocation(let specification, let invocation, let result):
            result.resolve(await serve(specification, invocation))
            state.withLock { $0.invocations -= 1 }
            finishIfDrained()
        case .process(let process):
            await process.live {
                decide { state in
                    state.processes[process.number] = nil
                    return state.placement.ended(process.number)
                }
            }
            state.withLock { $0.lifetimes -= 1 }
            finishIfDrained()
        case .drainLimit:
            // Cancellation means that there is no time left.
            try? await dependencies.clock.sleep(for: configuration.drainLimit)
            for process in state.withLock({ Array($0.processes.values) }) { process.retire(.shutdown) }
        }
    }

    /// Ends what is idle for too long and what uses too much memory, until cancelled.
    func keepHouse() async {
        while true {
            do { try await dependencies.clock.sleep(for: Self.houseKeepingInterval) } catch { return }
            let limit = dependencies.clock.monotonic + (.zero - configuration.idleLimit)
            decide { $0.placement.expire(idleSince: limit) }
            guard configuration.enforcesMemory else { continue }
            for process in state.withLock({ Array($0.processes.values) }) { process.checkMemory() }
        }
    }

    private func serve(_ specification: FunctionSpecification, _ invocation: FunctionInvocation) async -> InvocationResult {
        for _ in 0..<Self.mostPlacements {
            switch await place(specification) {
            case .refused(let outcome): return InvocationResult(outcome)
            case .process(let process):
                let result = await process.serve(invocation)
                release(process)
                if let result { return result }
            }
        }
        return InvocationResult(.unavailable(message: "the function's processes keep ending before they take an event; see its log"))
    }

    // MARK: - Placement

    private func place(_ specification: FunctionSpecification) async -> Placement {
        let decision = Latch<Placement>()
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return Ticket(value: state.lastTicket)
        }
        decide { state in
            guard state.phase == .open else {
                decision.resolve(.refused(Self.shuttingDown))
                return []
            }
            state.tickets[ticket] = (specification, decision)
            let claim = PoolPlacement.Claim(
                key: specification.key, revision: specification.revisionID, reserved: specification.reservedConcurrency)
            return state.placement.request(ticket, claim)
        }
        let deadline = dependencies.clock.monotonic + configuration.waitLimit
        return await decision.wait(until: deadline, on: dependencies.clock) { self.decide { $0.placement.giveUp(ticket) } }
    }

    private func release(_ process: RuntimeProcess) {
        let isUsable = process.isUsable
        let now = dependencies.clock.monotonic
        decide { state in
            if isUsable { return state.placement.released(process.number, at: now) }
            state.placement.ending(process.number)
            return []
        }
    }

    /// Takes a decision under the lock and carries it out: books under the lock, the rest after it.
    func decide(_ decision: (inout State) -> [PoolPlacement.Action]) {
        var placed: [(Latch<Placement>, Placement)] = []
        var started: [RuntimeProcess] = []
        var retired: [RuntimeProcess] = []
        state.withLock { state in
            for action in decision(&state) {
                switch action {
                case .use(let ticket, let number):
                    guard let (_, latch) = state.tickets.removeValue(forKey: ticket), let process = state.processes[number]
                    else { preconditionFailure("tickets and processes are placed only while they are there") }
                    placed.append((latch, .process(process)))
                case .start(let ticket, let number):
                    guard let (specification, latch) = state.tickets.removeValue(forKey: ticket)
                    else { preconditionFailure("tickets are placed only while they are there") }
                    let process = makeProcess(number, specification)
                    state.processes[number] = process
                    state.lifetimes += 1
                    started.append(process)
                    placed.append((latch, .process(process)))
                case .retire(let number):
                    if let process = state.processes[number] { retired.append(process) }
                case .refuse(let ticket, let reason):
                    guard let (_, latch) = state.tickets.removeValue(forKey: ticket) else { continue }
                    placed.append((latch, .refused(state.phase == .open ? .throttled(reason) : Self.shuttingDown)))
                }
            }
        }
        for process in started { jobs.push(.process(process)) }
        for (latch, placement) in placed { latch.resolve(placement) }
        for process in retired { process.retire(.unused) }
    }

    // MARK: - Shutdown

    /// Refuses what comes and ends what is idle; after the drain limit, or at once when the task is cancelled, ends the rest.
    func beginShutdown() {
        let isFirst = state.withLock { state in
            defer { if state.phase == .open { state.phase = .draining } }
            return state.phase == .open
        }
        guard isFirst else { return }
        decide { $0.placement.close() }
        jobs.push(.drainLimit)
        finishIfDrained()
    }

    private func finishIfDrained() {
        let isDrained = state.withLock { state in
            guard state.phase == .draining, state.invocations == 0, state.lifetimes == 0 else { return false }
            state.phase = .closed
            return true
        }
        if isDrained { jobs.finish() }
    }
}
