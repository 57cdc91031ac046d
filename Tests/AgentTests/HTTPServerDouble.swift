import AgentProtocol
import ByteCoding
import Crypto
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

@testable import Agent

/// `ServerDouble` behind real HTTP on loopback, checking each signature as the server has to.
final class HTTPServerDouble: Sendable {
    let server: ServerDouble
    private let channel: any Channel
    private let state: Mutex<State>

    struct State {
        var publicKey: Curve25519.Signing.PublicKey?
        var nonces: Set<String> = []
        /// What the server's clock is ahead of the agent's, milliseconds.
        var ahead: Int64
        var refused: [Refusal.Code] = []
    }

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    /// The refusals so far.
    var refused: [Refusal.Code] { state.withLock { $0.refused } }

    private init(server: ServerDouble, channel: any Channel, state: State) {
        self.server = server
        self.channel = channel
        self.state = Mutex(state)
    }

    /// Serves while `body` runs.
    static func serving<Result: Sendable>(
        _ server: ServerDouble, ahead: Int64 = 0, now: @escaping @Sendable () -> Int64,
        _ body: (HTTPServerDouble) async throws -> Result
    ) async throws -> Result {
        let box = Mutex<HTTPServerDouble?>(nil)
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { child in
                child.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    guard let double = box.withLock({ $0 }) else { return }
                    try child.pipeline.syncOperations.addHandler(Handler(double: double, now: now))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let double = HTTPServerDouble(server: server, channel: channel, state: State(ahead: ahead))
        box.withLock { $0 = double }
        do {
            let result = try await body(double)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    /// Checks time, nonce and signature; answers the refusal if there is one.
    fileprivate func check(_ head: HTTPRequestHead, _ body: [UInt8], now: Int64) -> Refusal? {
        let refusal = state.withLock { state -> Refusal? in
            guard let signature = RequestSignature(header: { head.headers.first(name: $0) }),
                let text = head.headers.first(name: RequestSignature.signatureHeader), let bytes = Base64.decodeCanonical(Array(text.utf8))
            else { return Refusal(code: .invalidSignature, message: "unsigned") }
            let time = now + state.ahead
            guard abs(signature.timestampMilliseconds - time) <= RequestSignature.skewSeconds * 1000 else {
                return Refusal(code: .clockSkew, message: "clock", serverTimeMilliseconds: time)
            }
            if head.uri == AgentRoute.register, let request = try? RegistrationRequest(bytes: body),
                let key = Base64.decodeCanonical(Array(request.publicKey.utf8))
            {
                state.publicKey = try? Curve25519.Signing.PublicKey(rawRepresentation: key)
            }
            let digest = SHA256.hash(data: body).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
            let signed = signature.stringToSign(method: head.method.rawValue, target: head.uri, bodyDigest: digest)
            guard state.publicKey?.isValidSignature(bytes, for: signed) == true, state.nonces.insert(signature.nonce).inserted else {
                return Refusal(code: .invalidSignature, message: "wrong")
            }
            return nil
        }
        if let refusal { state.withLock { $0.refused.append(refusal.code) } }
        return refusal
    }
}

/// One connection: collects a request, then answers it from a task.
private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let double: HTTPServerDouble
    private let now: @Sendable () -> Int64
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(double: HTTPServerDouble, now: @escaping @Sendable () -> Int64) {
        self.double = double
        self.now = now
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let buffer):
            body += Array(buffer.readableBytesView)
        case .end:
            guard let head else { return }
            let double = double
            let body = body
            let channel = context.channel
            let time = now()
            // Ends with its answer; the test ends after the agent, which ends after its answers.
            Task { await answerRequest(head, body, double: double, channel: channel, now: time) }
        }
    }
}

private func answerRequest(
    _ head: HTTPRequestHead, _ body: [UInt8], double: HTTPServerDouble, channel: any Channel, now: Int64
) async {
    do {
        if let refusal = double.check(head, body, now: now) { throw refusal }
        let identity = AgentIdentity()
        let session = String(head.uri.split(separator: "=").last ?? "")
        let path = head.uri.split(separator: "?").first.map(String.init) ?? ""
        switch path {
        case AgentRoute.register:
            await respond(try await double.server.register(RegistrationRequest(bytes: body), as: identity).bytes, on: channel)
        case AgentRoute.session:
            var reply = try await double.server.openSession(SessionRequest(bytes: body), as: identity)
            reply.serverTimeMilliseconds = now
            await respond(reply.bytes, on: channel)
        case AgentRoute.report:
            await respond(try await double.server.send(Report(bytes: body), session: session, as: identity).bytes, on: channel)
        case AgentRoute.inventory:
            let report = try InventoryReport(bytes: body)
            await respond(try await double.server.send(report, session: session, as: identity).bytes, on: channel)
        case AgentRoute.work:
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["transfer-encoding": "chunked"])
            try await channel.writeAndFlush(HTTPServerResponsePart.head(head))
            try await double.server.readWork(session: session, as: identity) { message in
                // In two halves: lines must not depend on how they are chopped.
                let line = message.line
                for half in [line.prefix(line.count / 2), line.suffix(line.count - line.count / 2)] {
                    try? await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: half))))
                }
            }
            try? await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        default:
            await respond(Refusal(code: .invalidRequest, message: path).bytes, status: 400, on: channel)
        }
    } catch let refusal as Refusal {
        await respond(refusal.bytes, status: refusal.code.status, on: channel)
    } catch {
        try? await channel.close()
    }
}

private func respond(_ body: [UInt8], status: Int = 200, on channel: any Channel) async {
    let head = HTTPResponseHead(
        version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: ["content-length": "\(body.count)"])
    try? await channel.writeAndFlush(HTTPServerResponsePart.head(head))
    try? await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))))
    try? await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
}
