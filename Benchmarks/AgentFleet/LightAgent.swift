import AgentProtocol
import TimeSource

/// One agent that keeps the conversation of `nightshift agent` and runs nothing: a command is over after a time, with the exit code that the
/// fleet's behaviour gives it. What a real one keeps in its spool is in memory here.
actor LightAgent {
    private enum Attempt {
        /// Claimed; without an order to start.
        case accepted
        case running
        /// Over; told until the server has closed it.
        case ended(AttemptOutcome)
    }

    private let number: Int
    private let link: LightLink
    private let state: FleetState
    private let clock: any ClockSource
    private let facts: NodeFacts
    private var instance: String?
    private var attempts: [AttemptID: Attempt] = [:]
    private var outbox: [AgentMessage] = []
    private let wakeups: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    init(number: Int, link: LightLink, state: FleetState, clock: any ClockSource) {
        self.number = number
        self.link = link
        self.state = state
        self.clock = clock
        facts = NodeFacts(
            hostname: "light-\(number)", ipAddress: "127.0.0.1", platformName: "Debian GNU/Linux", platformVersion: "12",
            architecture: "x86_64", agentVersion: "0.1.0")
        (wakeups, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Enrols; returns the instance id.
    func enrol(_ options: FleetOptions) async throws -> String {
        let request = RegistrationRequest(
            activationID: options.activationID, activationCode: options.activationCode, publicKey: link.publicKeyText, facts: facts,
            tags: tags)
        let reply: RegistrationReply = try await link.post(AgentRoute.register, request, as: nil)
        instance = reply.instanceID
        return reply.instanceID
    }

    /// Keeps a session until cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                try await converse()
            } catch {
                guard !Task.isCancelled else { return }
                state.note {
                    $0.lost += 1
                    $0.lastProblem = "\(error)"
                }
            }
            try? await clock.sleep(for: .milliseconds(500))
        }
    }

    private var tags: [NamedValue] { [NamedValue(name: "fleet", value: "light")] }

    private func converse() async throws {
        guard let instance else { return }
        let greeting = SessionRequest(
            incarnation: 1, bootID: "light", facts: facts, tags: tags, capacity: 12,
            attempts: attempts.map { attempt, held in
                switch held {
                case .accepted: .init(attempt: attempt, state: .accepted)
                case .running: .init(attempt: attempt, state: .running)
                case .ended: .init(attempt: attempt, state: .ended)
                }
            })
        let reply: SessionReply = try await link.post(AgentRoute.session, greeting, as: instance)
        for message in reply.messages { handle(message) }
        tellAgain()
        let (link, clock, wakeups) = (link, clock, wakeups)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.readWork(reply.session, instance) }
            group.addTask { for await _ in wakeups { try await self.report(reply.session, instance) } }
            group.addTask {
                let target = LightLink.target(AgentRoute.report, reply.session)
                while true {
                    try await clock.sleep(for: .seconds(max(1, reply.heartbeatSeconds)))
                    let _: ReportReply = try await link.post(target, Report(messages: []), as: instance)
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func readWork(_ session: String, _ instance: String) async throws {
        var isConnected = false
        defer { if isConnected { state.note { $0.connected -= 1 } } }
        try await link.readWork(session: session, as: instance) { message in
            if !isConnected {
                isConnected = true
                state.note { $0.connected += 1 }
            }
            handle(message)
        }
    }

    /// After a new session: what may have been lost with the old one.
    private func tellAgain() {
        outbox = []
        for (attempt, held) in attempts {
            switch held {
            case .accepted: tell(.goRequest(attempt))
            case .running: break
            case .ended(let outcome): tell(.exit(outcome))
            }
        }
    }

    private func tell(_ message: AgentMessage) {
        outbox.append(message)
        bell.yield()
    }

    private func report(_ session: String, _ instance: String) async throws {
        while !outbox.isEmpty {
            let messages = outbox
            outbox = []
            let reply: ReportReply = try await link.post(
                LightLink.target(AgentRoute.report, session), Report(messages: messages), as: instance)
            for message in reply.messages { handle(message) }
        }
    }

    private func handle(_ message: ServerMessage) {
        switch message {
        case .offer(let offer):
            guard attempts[offer.attempt] == nil else { return }
            attempts[offer.attempt] = .accepted
            tell(.claim(offer.attempt))
        case .go(let go): start(go)
        case .void(let attempt):
            if case .accepted = attempts[attempt] { attempts[attempt] = nil }
        case .cancel(let attempt): end(attempt, exitCode: nil, stopped: .cancel)
        case .closed(let attempt):
            guard case .ended(let outcome) = attempts.removeValue(forKey: attempt) else { return }
            let hasFailed = outcome.steps.first?.exitCode != 0
            state.note {
                $0.ended += 1
                if hasFailed { $0.failed += 1 }
            }
        case .acknowledged, .ping, .unknown: break
        }
    }

    private func start(_ go: CommandGo) {
        let now = clock.monotonic
        guard case .accepted = attempts[go.attempt] else {
            state.note { $0.repeated += 1 }
            return
        }
        attempts[go.attempt] = .running
        state.note { $0.started += 1 }
        if let text = go.steps.first?.commands.first, let sent = Int(text) { state.noteStart(sent, at: now) }
        tell(.started(go.attempt, startedAtMilliseconds: clock.now.milliseconds))
        let runTime = state.runTime
        let exitCode = state.fails(number) ? 1 : 0
        guard runTime > .zero else { return end(go.attempt, exitCode: exitCode, stopped: .none) }
        // Nobody awaits it: it ends by itself after the run time.
        Task {
            try? await clock.sleep(for: runTime)
            end(go.attempt, exitCode: exitCode, stopped: .none)
        }
    }

    private func end(_ attempt: AttemptID, exitCode: Int?, stopped: AttemptOutcome.Stop) {
        guard let held = attempts[attempt] else { return }
        let now = clock.now.milliseconds
        var steps: [AttemptOutcome.Step] = []
        switch held {
        case .ended: return
        case .accepted: break
        case .running:
            steps = [.init(exitCode: exitCode, signal: exitCode == nil ? 15 : nil, stopped: stopped, startedAtMilliseconds: now, endedAtMilliseconds: now)]
        }
        let outcome = AttemptOutcome(attempt: attempt, stopped: stopped, endedAtMilliseconds: now, steps: steps)
        attempts[attempt] = .ended(outcome)
        tell(.exit(outcome))
    }
}
