import AgentProtocol
import ByteCoding
import Crypto
import Engine
import Testing
import TimeSource

@testable import AgentGateway

/// An agent that says what a test wants it to, signed as a real one's requests are.
struct AgentDouble: Sendable {
    var room: ServerRoom
    var key = Curve25519.Signing.PrivateKey()
    var instance = RequestSignature.unregisteredInstance
    var incarnation: Int64 = 1
    var session = ""
    var address = "10.0.0.1"

    static let facts = NodeFacts(hostname: "host", platformName: "Debian GNU/Linux", platformVersion: "12", agentVersion: "1.2.3")

    static func nonce() -> String {
        String(SystemRandomSource().nextWord(), radix: 16) + "0123456789abcdef"
    }

    /// A signed request.
    func request(
        _ method: String, _ path: String, session: String? = nil, body: [UInt8] = [], signedBody: [UInt8]? = nil,
        at milliseconds: Int64? = nil, nonce: String = AgentDouble.nonce()
    ) throws -> GatewayRequest {
        let target = session.map { "\(path)?session=\($0)" } ?? path
        let signature = RequestSignature(
            instance: instance, incarnation: instance == RequestSignature.unregisteredInstance ? 0 : incarnation,
            timestampMilliseconds: milliseconds ?? room.clock.now.milliseconds, nonce: nonce)
        let digest = SHA256.hash(data: signedBody ?? body).map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
        let signed = try key.signature(for: signature.stringToSign(method: method, target: target, bodyDigest: digest))
        var headers = Dictionary(uniqueKeysWithValues: signature.headers.map { ($0.name, $0.value) })
        headers[RequestSignature.signatureHeader] = Base64.text(Array(signed))
        return GatewayRequest(
            method: method, path: path, target: target, header: { [headers] in headers[$0] },
            body: { limit in
                guard body.count <= limit else { throw BodyTooLarge() }
                return body
            }, remoteAddress: address)
    }

    /// Sends a request and answers status and body.
    func send(_ request: GatewayRequest) async throws -> (status: Int, body: [UInt8]) {
        guard case .message(let status, let body) = await room.conversation.answer(request) else { return (200, []) }
        return (status, body)
    }

    /// The refusal that a request meets; nil when it is answered.
    func refusal(_ request: GatewayRequest) async throws -> Refusal.Code? {
        let (status, body) = try await send(request)
        return status == 200 ? nil : try Refusal(bytes: body).code
    }

    func registration(id: String, code: String, tags: [NamedValue] = []) -> RegistrationRequest {
        RegistrationRequest(
            activationID: id, activationCode: code, publicKey: Base64.text(Array(key.publicKey.rawRepresentation)),
            facts: Self.facts, tags: tags)
    }

    mutating func enrol(id: String, code: String, tags: [NamedValue] = []) async throws {
        let (status, body) = try await send(
            request("POST", AgentRoute.register, body: registration(id: id, code: code, tags: tags).bytes))
        try #require(status == 200)
        instance = try RegistrationReply(bytes: body).instanceID
    }

    func greeting(_ attempts: [SessionRequest.SpooledAttempt] = [], tags: [NamedValue] = []) -> SessionRequest {
        SessionRequest(incarnation: incarnation, bootID: "boot", facts: Self.facts, tags: tags, capacity: 12, attempts: attempts)
    }

    /// Begins a session and answers what it is told.
    @discardableResult
    mutating func greet(
        _ attempts: [SessionRequest.SpooledAttempt] = [], tags: [NamedValue] = []
    ) async throws -> [ServerMessage] {
        let (status, body) = try await send(request("POST", AgentRoute.session, body: greeting(attempts, tags: tags).bytes))
        try #require(status == 200)
        let reply = try SessionReply(bytes: body)
        session = reply.session
        return reply.messages
    }

    /// Reports messages and answers what comes back.
    @discardableResult
    func report(_ messages: AgentMessage...) async throws -> [ServerMessage] {
        let (status, body) = try await send(
            request("POST", AgentRoute.report, session: session, body: Report(messages: messages).bytes))
        try #require(status == 200)
        return try ReportReply(bytes: body).messages
    }

    /// The stream of work of the session.
    func work() async throws -> WorkStream {
        guard case .work(let stream) = await room.conversation.answer(try request("GET", AgentRoute.work, session: session)) else {
            throw Refusal(code: .sessionEnded, message: "")
        }
        return stream
    }

    /// What the queue holds for the node now, without a stream.
    func offers() async throws -> [CommandOffer] {
        _ = room.coordinator.sessions.openStream(session, of: instance)
        return try await room.coordinator.nextMessages(session: session, node: instance).compactMap {
            if case .offer(let offer) = $0 { offer } else { nil }
        }
    }

    /// Runs a command to its end, as an agent would.
    func run(_ command: String, output: String = "", errors: String = "", exit code: Int = 0) async throws {
        let attempt = try Self.attempt(command)
        _ = try await report(.claim(attempt))
        try await report(.started(attempt, startedAtMilliseconds: room.clock.now.milliseconds))
        for (text, kind) in [(output, OutputStream.Kind.stdout), (errors, .stderr)] where !text.isEmpty {
            try await report(.output(chunk(attempt, kind, 0, text)))
        }
        try await report(exit(attempt, code))
    }

    func chunk(_ attempt: AttemptID, _ kind: OutputStream.Kind, _ offset: Int64, _ text: String) -> OutputChunk {
        OutputChunk(
            attempt: attempt, stream: OutputStream(step: 0, kind: kind), offset: offset,
            writtenAtMilliseconds: room.clock.now.milliseconds, bytes: Array(text.utf8))
    }

    func exit(_ attempt: AttemptID, _ code: Int, stopped: AttemptOutcome.Stop = .none) -> AgentMessage {
        let now = room.clock.now.milliseconds
        return .exit(
            AttemptOutcome(
                attempt: attempt, stopped: stopped, endedAtMilliseconds: now,
                steps: [
                    AttemptOutcome.Step(exitCode: code, stopped: stopped, startedAtMilliseconds: now, endedAtMilliseconds: now)
                ]))
    }

    static func attempt(_ command: String) throws -> AttemptID {
        try #require(AttemptID(commandID: command, number: 1))
    }
}
