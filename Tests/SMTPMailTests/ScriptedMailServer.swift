import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A mail server on loopback that follows a script, one for each connection in turn, and remembers what it heard.
final class ScriptedMailServer: Sendable {
    enum Step: Sendable {
        /// Says this without being asked.
        case say(String)
        /// Waits for a line that begins with the first text, then says the second.
        case hear(String, say: String)
        /// Waits for the mail's end, then says this.
        case content(say: String)
        /// Hears STARTTLS, agrees and becomes the server of a TLS handshake; a broken one answers the handshake with nonsense.
        case startTLS(broken: Bool = false)
        /// TLS from the first octet.
        case implicitTLS
        case hangUp
        /// Stays silent for ever.
        case silence
    }

    private let heardLines = Mutex<[String]>([])
    private let connections = Mutex(0)
    private let channel: any Channel
    let port: Int

    /// The lines of all connections, content included.
    var heard: [String] { heardLines.withLock { $0 } }
    var connectionCount: Int { connections.withLock { $0 } }

    private init(channel: any Channel, recorder: Recorder) {
        self.channel = channel
        port = channel.localAddress?.port ?? 0
        recorder.server.withLock { $0 = self }
    }

    /// Serves while `body` runs, on a port of its own.
    static func serve(
        _ scripts: [Step]..., to body: (ScriptedMailServer) async throws -> Void
    ) async throws {
        let recorder = Recorder()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let script = recorder.nextScript(of: scripts)
                    if case .implicitTLS? = script.first { try channel.pipeline.syncOperations.addHandler(Self.tlsHandler()) }
                    try channel.pipeline.syncOperations.addHandler(ScriptHandler(script: script, recorder: recorder))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = ScriptedMailServer(channel: channel, recorder: recorder)
        do {
            try await body(server)
        } catch {
            try? await channel.close()
            throw error
        }
        try await channel.close()
    }

    fileprivate static func tlsHandler() throws -> NIOSSLServerHandler {
        let certificate = try NIOSSLCertificate(bytes: Array(TestCertificate.certificate.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(TestCertificate.privateKey.utf8), format: .pem)
        let settings = TLSConfiguration.makeServerConfiguration(certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
        return NIOSSLServerHandler(context: try NIOSSLContext(configuration: settings))
    }

    /// Joins the handlers, made by the bootstrap, with the server that is made after it.
    fileprivate final class Recorder: Sendable {
        let server = Mutex<ScriptedMailServer?>(nil)
        private let taken = Mutex(0)

        func nextScript(of scripts: [[Step]]) -> [Step] {
            let index = taken.withLock { taken in
                defer { taken += 1 }
                return taken
            }
            server.withLock { $0 }?.connections.withLock { $0 = index + 1 }
            return index < scripts.count ? scripts[index] : [.hangUp]
        }

        func record(_ line: String) { server.withLock { $0 }?.heardLines.withLock { $0.append(line) } }
    }
}

/// Plays one script on one connection.
private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var script: ArraySlice<ScriptedMailServer.Step>
    private let recorder: ScriptedMailServer.Recorder
    private var line: [UInt8] = []

    init(script: [ScriptedMailServer.Step], recorder: ScriptedMailServer.Recorder) {
        self.script = script[...]
        self.recorder = recorder
    }

    func channelActive(context: ChannelHandlerContext) { playUnasked(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for octet in unwrapInboundIn(data).readableBytesView {
            line.append(octet)
            guard line.suffix(2) == [13, 10] else { continue }
            let text = String(decoding: line.dropLast(2), as: UTF8.self)
            line = []
            recorder.record(text)
            hear(text, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func hear(_ text: String, _ context: ChannelHandlerContext) {
        switch script.first {
        case .hear(let prefix, let answer):
            guard text.hasPrefix(prefix) else { return say("503 expected \(prefix)", context) }
            script.removeFirst()
            say(answer, context)
        case .content(let answer) where text == ".":
            script.removeFirst()
            say(answer, context)
        case .startTLS(let broken):
            script.removeFirst()
            say("220 go ahead", context)
            if broken { return say("this is no handshake", context) }
            do {
                try context.pipeline.syncOperations.addHandler(ScriptedMailServer.tlsHandler(), position: .first)
            } catch {
                context.close(promise: nil)
            }
        case .content, .silence: return
        default: say("221 bye", context)
        }
        playUnasked(context)
    }

    private func playUnasked(_ context: ChannelHandlerContext) {
        while let step = script.first {
            switch step {
            case .say(let text): say(text, context)
            case .implicitTLS: break
            case .hangUp: return context.close(promise: nil)
            default: return
            }
            script.removeFirst()
        }
    }

    private func say(_ text: String, _ context: ChannelHandlerContext) {
        guard !text.isEmpty else { return }
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(string: text + "\r\n")), promise: nil)
    }
}
