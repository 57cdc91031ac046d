package import AgentProtocol
import ByteCoding
package import Engine
package import Logging
package import Services
import Store
package import TimeSource

/// The server's side of the conversation with agents: registration, sessions, reports, and the stream of work.
///
/// It checks who speaks and turns requests into calls of `NodeRegistry` and `CommandCoordinator`; what is decided is decided there. It knows
/// no HTTP server: the composition root carries requests in and answers out.
package final class AgentConversation: Sendable {
    /// Bodies of requests that nobody is known to have sent.
    private static let registrationLimit = 64 << 10

    private let registry: NodeRegistry
    private let coordinator: CommandCoordinator
    private let clock: any ClockSource
    private let check: RequestCheck
    private let limiter: RegistrationLimiter
    private let logger: Logger
    private let takeInventory: InventoryTaker?
    private let content: ContentCounter?

    /// Takes what a node tells of itself, and answers the types whose content it wants to have.
    package typealias InventoryTaker =
        @Sendable (_ report: InventoryReport, _ node: String, _ account: String) async throws -> [String]

    /// A conversation over these parts.
    /// - Parameters:
    ///   - takeInventory: nil where nobody keeps an inventory: then nothing is wanted.
    ///   - content: nil where there are no objects.
    package init(
        registry: NodeRegistry, coordinator: CommandCoordinator, clock: any ClockSource, takeInventory: InventoryTaker? = nil,
        content: ContentCounter? = nil, logger: Logger
    ) {
        self.takeInventory = takeInventory
        self.content = content
        self.registry = registry
        self.coordinator = coordinator
        self.clock = clock
        self.logger = logger
        check = RequestCheck(clock: clock, registry: registry)
        limiter = RegistrationLimiter(clock: clock)
    }

    /// Answers a request below `/agent/v1/`. Refusals are answers; an error is the server's own failure and tells the agent to come again.
    package func answer(_ request: GatewayRequest) async -> GatewayAnswer {
        // Not even results are taken: they would be lost to the world if the restored data is thrown away again. Agents keep them.
        guard !coordinator.hold.isHeld else {
            return .refusal(Refusal(code: .unavailable, message: "the server was restored from a backup and is held until its release"))
        }
        do {
            switch (request.method, request.path) {
            case ("POST", AgentRoute.register): return try await register(request)
            case ("POST", AgentRoute.session): return try await openSession(request)
            case ("POST", AgentRoute.report): return try await report(request)
            case ("GET", AgentRoute.work): return try await work(request)
            case ("GET", AgentRoute.content):
                guard let content else { return .refusal(Refusal(code: .invalidRequest, message: "this server has no objects"), status: 404) }
                return try await content.answer(request, registry: registry)
            case ("POST", AgentRoute.key): return try await announceKey(request)
            case ("POST", AgentRoute.inventory): return try await inventory(request)
            default: return .refusal(Refusal(code: .invalidRequest, message: "no such route"), status: 404)
            }
        } catch let refusal as Refusal {
            logger.debug("agent refused", metadata: ["code": "\(refusal.code.rawValue)", "path": "\(request.path)"])
            return .refusal(refusal)
        } catch is CancellationError {
            // The agent is gone.
            return .refusal(Refusal(code: .unavailable, message: "the connection was closed"))
        } catch is BodyTooLarge {
            return .refusal(Refusal(code: .invalidRequest, message: "the body is too long"), status: 413)
        } catch is WireError {
            return .refusal(Refusal(code: .invalidRequest, message: "the body is not what this version describes"))
        } catch {
            logger.error("an agent's request failed", metadata: ["path": "\(request.path)", "error": "\(error)"])
            return .refusal(Refusal(code: .unavailable, message: "the server cannot answer now"))
        }
    }

    private func register(_ request: GatewayRequest) async throws -> GatewayAnswer {
        let address = request.remoteAddress ?? ""
        guard limiter.allows(address) else {
            return .refusal(Refusal(code: .unavailable, message: "too many failed registrations"), status: 429)
        }
        let claim = try check.claim(request)
        let body = try await request.body(AgentConversation.registrationLimit)
        do {
            let registration = try RegistrationRequest(bytes: body)
            guard claim.signature.instance == RequestSignature.unregisteredInstance,
                let publicKey = Base64.decodeCanonical(Array(registration.publicKey.utf8)), publicKey.count == 32
            else { throw Refusal(code: .invalidRequest, message: "a registration names no instance and brings a key of 32 bytes") }
            // Proves that the sender holds the key.
            try check.verify(claim, of: request, body: body, publicKey: publicKey)
            return .ok(try await registry.enrol(registration, publicKey: publicKey))
        } catch let refusal as Refusal {
            if refusal.code == .invalidActivation || refusal.code == .invalidSignature { limiter.noteFailure(address) }
            throw refusal
        }
    }

    private func openSession(_ request: GatewayRequest) async throws -> GatewayAnswer {
        let (node, claim, body) = try await authenticated(request, limit: Report.byteLimit)
        let greeting = try SessionRequest(bytes: body)
        guard let version = ProtocolVersion.negotiate(offered: greeting.protocolVersions) else {
            throw Refusal(code: .unsupportedProtocol, message: "no protocol version in common")
        }
        guard greeting.incarnation == claim.signature.incarnation else {
            throw Refusal(code: .invalidRequest, message: "the incarnation is another one than the signed one")
        }
        try await registry.beginSession(greeting, of: node)
        let (session, messages) = try await coordinator.greet(greeting, from: node.id)
        logger.info("node connected", metadata: ["instance-id": "\(node.id)", "incarnation": "\(greeting.incarnation)"])
        return .ok(
            SessionReply(
                session: session, protocolVersion: version, heartbeatSeconds: Int(NodeSessions.heartbeat.components.seconds),
                serverTimeMilliseconds: clock.now.milliseconds, messages: messages))
    }

    private func report(_ request: GatewayRequest) async throws -> GatewayAnswer {
        let (node, claim, body) = try await authenticated(request, limit: Report.byteLimit)
        _ = try session(request, of: node)
        let messages = try await coordinator.take(
            Report(bytes: body), from: node.id, incarnation: claim.signature.incarnation)
        return .ok(ReportReply(messages: messages))
    }

    private func work(_ request: GatewayRequest) async throws -> GatewayAnswer {
        let (node, _, _) = try await authenticated(request, limit: 0)
        let session = try session(request, of: node)
        return .work(WorkStream(node: node.id, session: session, coordinator: coordinator))
    }

    private func announceKey(_ request: GatewayRequest) async throws -> GatewayAnswer {
        let (node, _, body) = try await authenticated(request, limit: AgentConversation.registrationLimit)
        let announcement = try KeyRequest(bytes: body)
        guard let key = Base64.decodeCanonical(Array(announcement.publicKey.utf8)), key.count == 32,
            let proof = Base64.decodeCanonical(Array(announcement.proof.utf8)), proof.count == 64,
            RequestCheck.isProof(
                proof, of: KeyRequest.proofText(instance: node.id, publicKey: announcement.publicKey), by: key)
        else { throw Refusal(code: .invalidRequest, message: "a new key has 32 bytes and comes with a proof by it") }
        try await registry.announce(key, of: node)
        return .ok(KeyReply(publicKey: announcement.publicKey))
    }

    private func inventory(_ request: GatewayRequest) async throws -> GatewayAnswer {
        let (node, _, body) = try await authenticated(request, limit: InventoryReport.byteLimit)
        _ = try session(request, of: node)
        let report = try InventoryReport(bytes: body)
        return .ok(InventoryReply(wanted: try await takeInventory?(report, node.id, node.account) ?? []))
    }

    /// The session that a request belongs to, noted as heard of.
    private func session(_ request: GatewayRequest, of node: ManagedNodeRecord) throws(Refusal) -> String {
        guard let session = request.parameter(AgentRoute.sessionParameter), coordinator.sessions.touch(session, of: node.id)
        else { throw Refusal(code: .sessionEnded, message: "the session is over: greet again") }
        return session
    }

    private func authenticated(
        _ request: GatewayRequest, limit: Int
    ) async throws -> (node: ManagedNodeRecord, claim: RequestCheck.Claim, body: [UInt8]) {
        let claim = try check.claim(request)
        let claimed = try await check.node(of: claim)
        let body = try await request.body(limit)
        let node = try await check.verify(claim, of: request, body: body, node: claimed)
        guard node.state == .active else { throw Refusal(code: .deregistered, message: "the instance was deregistered") }
        // An older incarnation is a clone or was rolled back, whatever it asks for.
        guard claim.signature.incarnation >= node.incarnation else {
            throw Refusal(code: .quarantined, message: "a higher incarnation of this instance was seen")
        }
        return (node, claim, body)
    }
}
