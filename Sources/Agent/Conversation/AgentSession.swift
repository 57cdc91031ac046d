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
        // Inventories are read on an executor of their own, which rests between two looks.
        let inventory = HostInventory(clock: clock)
        var backoff = Backoff(range: configuration.reconnectDelay, random: random)
        var wasConnected = true
        /// The identity that was refused, while its former key is tried.
        var refused: AgentIdentity?
        while true {
            try Task.checkCancellation()
            var delay: Duration?
            do {
                if identity.instanceID == nil { identity = try await register(identity) }
                eraseActivation()
                try await converse(identity, inventory) {
                    backoff.reset()
                    wasConnected = true
                    refused = nil
                }
            } catch let error as AgentError {
                throw error
            } catch let rotation as KeyRotation.Done {
                identity = rotation.identity
                continue
            } catch let refusal as Refusal where Self.needsOperator(refusal.code) {
                if refusal.code == .invalidSignature {
                    // A server that was restored from a backup of before the last rotation knows the former key only.
                    if let latest = refused {
                        (identity, refused) = (latest, nil)
                    } else if let former = identity.beforeLastRotation() {
                        (identity, refused) = (former, identity)
                        continue
                    }
                }
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

    /// One session, until its stream ends, its key is replaced (`KeyRotation.Done`) or anything in it fails.
    private func converse(_ identity: AgentIdentity, _ inventory: HostInventory, connected: () -> Void) async throws {
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
            group.addTask {
                let rotation = KeyRotation(
                    data: data, link: link, clock: clock, after: configuration.keyRotation, logger: logger)
                try await rotation.run(identity)
            }
            group.addTask { try await tell(of: inventory, reply.session, identity) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Lets the server hear of this node while there is nothing to tell: an open stream does not prove that its other end lives.
    private func stayHeard(_ session: SessionReply, _ identity: AgentIdentity) async throws {
        while true {
            try await clock.sleep(for: .seconds(max(1, session.heartbeatSeconds)))
            _ = try await link.send(Report(messages: []), session: session.session, as: identity)
            // Each heartbeat touches code that nothing needs until the next one.
            if await registry.isAtRest { RestingPages.release() }
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

    /// Tells what is on the host, at the beginning of the session and when it has changed. Ends with the session only.
    private func tell(of inventory: HostInventory, _ session: String, _ identity: AgentIdentity) async throws {
        var told: [String: String] = [:]
        let jitter = Double(random.number(below: 1_000)) / 1_000
        try await clock.sleep(for: configuration.inventoryDelay * jitter)
        while true {
            let subject = HostInventory.Identity(instanceID: identity.instanceID ?? "", facts: facts)
            let summary = await inventory.summary(of: subject)
            let hashes = Dictionary(summary.map { ($0.typeName, $0.contentHash) }, uniquingKeysWith: { first, _ in first })
            if hashes != told, try await tell(summary, of: inventory, subject, session, identity) { told = hashes }
            // Now the agent rests.
            RestingPages.release()
            try await clock.sleep(for: configuration.inventoryInterval)
        }
    }

    /// False when the server takes no inventory, as an older one does: that is no reason to end the session.
    private func tell(
        _ summary: [InventoryReport.Item], of inventory: HostInventory, _ subject: HostInventory.Identity, _ session: String,
        _ identity: AgentIdentity
    ) async throws -> Bool {
        do {
            let reply = try await link.send(InventoryReport(items: summary), session: session, as: identity)
            guard !reply.wanted.isEmpty else { return true }
            let items = await inventory.items(Set(reply.wanted), of: subject)
            _ = try await link.send(InventoryReport(items: items), session: session, as: identity)
            return true
        } catch let refusal as Refusal where refusal.code == .invalidRequest || refusal.code == .unavailable {
            logger.debug("the inventory was not taken", metadata: ["message": "\(refusal.message)"])
            return false
        }
    }

    private var facts: NodeFacts { HostFacts.read(agentVersion: configuration.agentVersion) }

    private var tags: [NamedValue] { configuration.tags.map { NamedValue(name: $0.name, value: $0.value) } }
}
