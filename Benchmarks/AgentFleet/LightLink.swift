import AgentProtocol
import AsyncHTTPClient
import ByteCoding
import Crypto
import NIOCore
import NIOHTTP1
import TimeSource

/// The conversation of one light agent over HTTP/1.1, signed with its own key; as `nightshift agent`, it has a client of its own, so that
/// the server sees as many connections as of real agents.
struct LightLink: Sendable {
    private let client: HTTPClient
    private let server: String
    private let key: Curve25519.Signing.PrivateKey
    private let clock: any ClockSource
    private let random: any RandomSource

    init(server: String, group: any EventLoopGroup, clock: any ClockSource, random: any RandomSource) {
        var settings = HTTPClient.Configuration()
        settings.timeout = .init(connect: .seconds(30), read: .seconds(60))
        settings.httpVersion = .http1Only
        settings.redirectConfiguration = .disallow
        client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: settings)
        self.server = server
        self.clock = clock
        self.random = random
        key = Curve25519.Signing.PrivateKey()
    }

    /// The public key as registration sends it.
    var publicKeyText: String { Base64.text(Array(key.publicKey.rawRepresentation)) }

    /// Closes the connections.
    func shutdown() async { try? await client.shutdown() }

    /// Posts a message and reads the answer. An instance of nil is one that enrols.
    func post<Answer: WireMessage>(_ target: String, _ message: some WireMessage, as instance: String?) async throws -> Answer {
        let response = try await execute(.POST, target, message.bytes, instance)
        return try Answer(bytes: Array(try await response.body.collect(upTo: Report.byteLimit).readableBytesView))
    }

    /// Reads the stream of work until it ends.
    func readWork(session: String, as instance: String, _ receive: (ServerMessage) async -> Void) async throws {
        let response = try await execute(.GET, Self.target(AgentRoute.work, session), [], instance)
        var splitter = LineSplitter()
        for try await buffer in response.body {
            for line in try splitter.take(Array(buffer.readableBytesView)) { await receive(try ServerMessage(bytes: line)) }
        }
    }

    /// A route with its session, which is a UUID and needs no escapes.
    static func target(_ path: String, _ session: String) -> String { "\(path)?\(AgentRoute.sessionParameter)=\(session)" }

    private func execute(_ method: HTTPMethod, _ target: String, _ body: [UInt8], _ instance: String?) async throws -> HTTPClientResponse {
        let signature = RequestSignature(
            instance: instance ?? RequestSignature.unregisteredInstance, incarnation: instance == nil ? 0 : 1,
            timestampMilliseconds: clock.now.milliseconds, nonce: Self.hexadecimal(random.bytes(16)))
        let text = signature.stringToSign(
            method: method.rawValue, target: target, bodyDigest: Self.hexadecimal(SHA256.hash(data: body)))
        var request = HTTPClientRequest(url: server + target)
        request.method = method
        for header in signature.headers { request.headers.add(name: header.name, value: header.value) }
        request.headers.add(name: RequestSignature.signatureHeader, value: Base64.text(Array(try key.signature(for: text))))
        if method == .POST {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await client.execute(request, timeout: .seconds(60))
        guard response.status == .ok else {
            let text = Array(try await response.body.collect(upTo: 64 << 10).readableBytesView)
            throw (try? Refusal(bytes: text)) ?? Refusal(code: .unavailable, message: "the server answered \(response.status.code)")
        }
        return response
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        var digits: [UInt8] = []
        for byte in bytes {
            for nibble in [byte >> 4, byte & 0xF] { digits.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble) }
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
