import AgentProtocol
import Logging
import TimeSource

/// Keeps the agent in conversation with its server: registration, session after session, each with a work stream and reports.
struct AgentSession {
    /// How long to wait where only an operator can help, such as after a deregistration.
    private static let refusedDelay: Duration = .seconds(30)

    let configuration: AgentConfiguration
    let link: any ServerLink
    let data: DataDirectory
    let registry: AttemptRegistry
    let clock: any ClockSource
    let random: any RandomSource
    let logger: Logger

    /// Returns by cancellation only.
    /// - Throws: `AgentError.activationRefused` when enrolling was refused, `AgentError` when the identity cannot be stored.
    func run(identity stored: AgentIdentity) async throws {
        var identity = stored
        var backoff = Backoff(range: configuration.reconnectDelay, random: random)
        var wasConnected = true
        while true {
            try Task.checkCancellation()
            var delay: Duration?
            do {
                if identity.instanceID == nil { identity = try await register(identity) }
                eraseActivation()
                try await converse(identity) {
                    backoff.reset()
                    wasConnected = true
                }
            } catch let error as AgentError {
                throw error
            } catch let refusal as Refusal where Self.needsOperator(refusal.code) {
                logger.error("the server refuses this agent", metadata: ["code": "\(refusal.code.rawValue)", "message": "\(refusal.message)"])
                delay = Self.refusedDelay
            } catch {
                try Task.checkCancellation()
                // Once per outage, not once per attempt.
                logger.log(level: wasConnected ? .warning : .debug, "no connection to the server", metadata: ["error": "\(error)"])
            }
            wasConnected = false
            try await clock.sleep(for: delay ?? backoff.next())
        }
    }

    private static func needsOperator(_ code: Refusal.Code) -> Bool {
        switch code {
        case .deregistered, .quarantined, .unsupportedProtocol, .invalidSignature: true
        case .invalidActivation, .clockSkew, .sessionEnded, .invalidRequest, .unavailable: false
        }
    }

    private func register(_ identity: AgentIdentity) async throws -> AgentIdentity {
        guard let id = configuration.activationID, let code = configuration.activationCode else {
            throw AgentError.activationMissing
        }
        let request = RegistrationRequest(
            activationID: id, activationCode: code,
            publicKey: try identity.publicKeyText(), facts: facts, tags: tags)
        let reply: RegistrationReply
        do {
            reply = try await link.register(request, as: identity)
        } catch let refusal as Refusal where refusal.code == .invalidActivation {
            throw AgentError.activationRefused(refusal.message)
        }
        var registered = identity
        registered.instanceID = reply.instanceID
        try data.store(registered)
        logger.info("enrolled", metadata: ["instance-id": "\(reply.instanceID)"])
        return registered
    }

    /// The code has served its purpose. Also at later starts: an agent may be killed right after it has enrolled.
    private func eraseActivation() {
        do throws(SystemError) {
            try configuration.activationFile?.erase()
        } catch {
            logger.warning("the activation is used and could not be erased", metadata: ["error": "\(error)"])
        }
    }

    /// One session, until its stream ends or anything in it fails.
    private func converse(_ identity: AgentIdentity, connected: () -> Void) async throws {
        let request = SessionRequest(
            incarnation: data.incarnation, bootID: HostFacts.bootID(), facts: facts, tags: tags,
            capacity: configuration.capacity, attempts: await registry.summary())
        let reply = try await link.openSession(request, as: identity)
        await registry.sessionOpened(reply.messages)
        connected()
        logger.info("connected", metadata: ["instance-id": "\(identity.instanceID ?? "")", "incarnation": "\(data.incarnation)"])
        let wakeups = await registry.wakeups()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await link.readWork(session: reply.session, as: identity) { await registry.handle($0) }
            }
            group.addTask {
                for await _ in wakeups { try await report(session: reply.session, identity) }
            }
            group.addTask { try await stayHeard(reply, identity) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Lets the server hear of this node while there is nothing to tell: an open stream does not prove that its other end lives.
    private func stayHeard(_ session: SessionReply, _ identity: AgentIdentity) async throws {
        while true {
            try await clock.sleep(for: .seconds(max(1, session.heartbeatSeconds)))
            _ = try await link.send(Report(messages: []), session: session.session, as: identity)
        }
    }

    /// Sends reports until there is nothing to tell. One at a time: the order of output is the order of reports.
    private func report(session: String, _ identity: AgentIdentity) async throws {
        while true {
            let batch = await registry.nextBatch()
            if batch.isEmpty { return }
            let reply = try await link.send(batch.report, session: session, as: identity)
            await registry.delivered(batch, reply: reply)
        }
    }

    private var facts: NodeFacts { HostFacts.read(agentVersion: configuration.agentVersion) }

    private var tags: [NamedValue] { configuration.tags.map { NamedValue(name: $0.name, value: $0.value) } }
}
