import NIOCore
import NIOSSL
import NIOTLS

/// Carries out an `SMTPSession`'s actions on a channel and reports back what happens there.
///
/// The outcome is announced as soon as it is known; QUIT follows behind it, so that a caller can record an accepted mail at once.
/// Everything happens on the channel's event loop.
final class MailSessionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long the server may take to answer QUIT, which nobody waits for.
    private static let farewellTimeout = Duration.seconds(5)

    private var session: SMTPSession
    private var parser = SMTPReplyParser()
    private let makeEncryption: @Sendable () throws -> NIOSSLClientHandler
    private let outcome: EventLoopPromise<Result<MailReceipt, MailError>>
    private var timeout: Scheduled<Void>?
    /// Between STARTTLS and the end of its handshake.
    private var isHandshaking = false

    /// `outcome` is fulfilled exactly once if the channel becomes active, and never failed.
    init(
        session: SMTPSession, makeEncryption: @escaping @Sendable () throws -> NIOSSLClientHandler,
        outcome: EventLoopPromise<Result<MailReceipt, MailError>>
    ) {
        self.session = session
        self.makeEncryption = makeEncryption
        self.outcome = outcome
    }

    func channelActive(context: ChannelHandlerContext) {
        arm(session.timeout, context: context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let replies: [SMTPReply]
        do {
            replies = try parser.append(unwrapInboundIn(data).readableBytesView)
        } catch {
            perform(session.handle(.interrupted("the server does not speak SMTP: \(error.reason)")), context: context)
            return
        }
        for (index, reply) in replies.enumerated() {
            let action = session.handle(.reply(reply))
            if action == .startEncryption, index + 1 < replies.count || !parser.isEmpty {
                // Plain text behind the reply would be taken for the encrypted server's words.
                let reason = "the server, or someone between, sent more than its reply to STARTTLS"
                perform(session.handle(.interrupted(reason)), context: context)
                return
            }
            perform(action, context: context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isHandshaking, case .handshakeCompleted? = event as? TLSUserEvent {
            isHandshaking = false
            perform(session.handle(.encryptionEstablished), context: context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        perform(session.handle(.interrupted(MailSender.oneLine(error))), context: context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        perform(session.handle(.interrupted("the connection was closed")), context: context)
        timeout?.cancel()
        context.fireChannelInactive()
    }

    // MARK: Actions

    private func perform(_ action: SMTPSession.Action, context: ChannelHandlerContext) {
        switch action {
        case .send(let command):
            write(Array(command.utf8) + [.carriageReturn, .lineFeed], context: context)
            arm(session.timeout, context: context)
        case .sendContent(let octets):
            write(octets, context: context)
            arm(session.timeout, context: context)
        case .startEncryption:
            startEncryption(context: context)
        case .finish(let result, let farewell):
            outcome.succeed(result)
            if farewell {
                write(Array("QUIT\r\n".utf8), context: context)
                arm(Self.farewellTimeout, context: context)
            } else {
                context.close(promise: nil)
            }
        case .close:
            context.close(promise: nil)
        }
    }

    private func startEncryption(context: ChannelHandlerContext) {
        isHandshaking = true
        arm(session.timeout, context: context)
        do {
            try context.pipeline.syncOperations.addHandler(makeEncryption(), position: .first)
        } catch {
            perform(session.handle(.interrupted(MailSender.oneLine(error))), context: context)
        }
    }

    private func write(_ octets: [UInt8], context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: octets)), promise: nil)
    }

    private func arm(_ duration: Duration, context: ChannelHandlerContext) {
        timeout?.cancel()
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(duration)) {
            self.perform(self.session.handle(.interrupted("the server did not answer in time")), context: context)
        }
    }
}
