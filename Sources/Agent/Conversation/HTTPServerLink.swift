import AgentProtocol
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import TimeSource

/// The conversation over HTTP/1.1, with TLS for `https` URLs.
final class HTTPServerLink: ServerLink {
    /// Three missed pings of 15 s: the connection is dead.
    private static let readTimeout: TimeAmount = .seconds(45)
    private static let connectTimeout: TimeAmount = .seconds(5)
    /// For the head of an answer, and for the whole of a short one.
    private static let answerTimeout: TimeAmount = .seconds(30)

    private let client: HTTPClient
    private let baseURL: String
    private let signer: RequestSigner

    init(configuration: AgentConfiguration, signer: RequestSigner) throws {
        client = try HTTPClient.forServer(
            authorities: try configuration.authorities(), connectTimeout: Self.connectTimeout, readTimeout: Self.readTimeout)
        baseURL = configuration.baseURL
        self.signer = signer
    }

    /// Closes all connections.
    func shutdown() async throws {
        try await client.shutdown()
    }

    func register(_ request: RegistrationRequest, as identity: AgentIdentity) async throws -> RegistrationReply {
        try RegistrationReply(bytes: await post(AgentRoute.register, request.bytes, identity))
    }

    func openSession(_ request: SessionRequest, as identity: AgentIdentity) async throws -> SessionReply {
        let reply = try SessionReply(bytes: await post(AgentRoute.session, request.bytes, identity))
        signer.noteServerTime(reply.serverTimeMilliseconds)
        return reply
    }

    func send(_ report: Report, session: String, as identity: AgentIdentity) async throws -> ReportReply {
        try ReportReply(bytes: await post(Self.target(AgentRoute.report, session), report.bytes, identity))
    }

    func send(_ inventory: InventoryReport, session: String, as identity: AgentIdentity) async throws -> InventoryReply {
        try InventoryReply(bytes: await post(Self.target(AgentRoute.inventory, session), inventory.bytes, identity))
    }

    func announce(_ key: KeyRequest, as identity: AgentIdentity) async throws -> KeyReply {
        try KeyReply(bytes: await post(AgentRoute.key, key.bytes, identity))
    }

    func readWork(
        session: String, as identity: AgentIdentity, _ receive: @Sendable (ServerMessage) async -> Void
    ) async throws {
        let response = try await execute(.GET, Self.target(AgentRoute.work, session), [], identity)
        var splitter = LineSplitter()
        for try await buffer in response.body {
            for line in try splitter.take(Array(buffer.readableBytesView)) {
                await receive(try ServerMessage(bytes: line))
            }
        }
    }

    private func post(_ target: String, _ body: [UInt8], _ identity: AgentIdentity) async throws -> [UInt8] {
        let response = try await execute(.POST, target, body, identity)
        return Array(try await response.body.collect(upTo: Report.byteLimit * 8).readableBytesView)
    }

    private func execute(
        _ method: HTTPMethod, _ target: String, _ body: [UInt8], _ identity: AgentIdentity
    ) async throws -> HTTPClientResponse {
        do {
            return try await executeOnce(method, target, body, identity)
        } catch let refusal as Refusal where refusal.code == .clockSkew {
            guard let time = refusal.serverTimeMilliseconds else { throw refusal }
            signer.noteServerTime(time)
            return try await executeOnce(method, target, body, identity)
        }
    }

    private func executeOnce(
        _ method: HTTPMethod, _ target: String, _ body: [UInt8], _ identity: AgentIdentity
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: baseURL + target)
        request.method = method
        for (name, value) in try signer.headers(method: method.rawValue, target: target, body: body, identity: identity) {
            request.headers.add(name: name, value: value)
        }
        if method == .POST {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await client.execute(request, timeout: Self.answerTimeout)
        guard response.status == .ok else {
            let text = Array(try await response.body.collect(upTo: 64 * 1024).readableBytesView)
            throw (try? Refusal(bytes: text))
                ?? Refusal(code: .unavailable, message: "the server answered \(response.status.code)")
        }
        return response
    }

    /// Path and query; a session is opaque, so everything but letters and digits is escaped.
    private static func target(_ path: String, _ session: String) -> String {
        var target = "\(path)?\(AgentRoute.sessionParameter)="
        for byte in session.utf8 {
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2D || byte == 0x2E || byte == 0x5F
            target += isPlain ? String(UnicodeScalar(byte)) : "%" + String(byte >> 4, radix: 16, uppercase: true)
                + String(byte & 0xF, radix: 16, uppercase: true)
        }
        return target
    }
}
