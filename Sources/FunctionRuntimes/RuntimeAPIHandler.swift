import NIOCore
import NIOHTTP1

/// A place to send one answer to; kept while a process waits for its next event.
final class RuntimeAPIReply: Sendable {
    private let channel: any Channel
    private let keepsAlive: Bool

    /// The answer to the request that `channel` is reading.
    init(channel: any Channel, keepsAlive: Bool) {
        self.channel = channel
        self.keepsAlive = keepsAlive
    }

    /// Sends the answer, from any thread. To a connection that is gone nothing is sent.
    func send(_ response: RuntimeAPIResponse) {
        if channel.eventLoop.inEventLoop { write(response) } else { channel.eventLoop.execute { self.write(response) } }
    }

    private func write(_ response: RuntimeAPIResponse) {
        var headers = response.headers
        headers.add(name: "Content-Length", value: String(response.body.count))
        if !keepsAlive { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(version: .http1_1, status: response.status, headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(channel.allocator.buffer(bytes: response.body))), promise: nil)
        let sent = channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        if !keepsAlive { sent.whenComplete { [channel] _ in channel.close(promise: nil) } }
    }
}

/// Reads Runtime API requests from one connection of a process.
final class RuntimeAPIHandler: ChannelInboundHandler {
    /// Parts of requests come in.
    typealias InboundIn = HTTPServerRequestPart
    /// Parts of answers go out.
    typealias OutboundOut = HTTPServerResponsePart

    /// What the connection tells.
    enum Event: Sendable {
        /// A whole request, and where its answer goes.
        case request(RuntimeAPIRequest, RuntimeAPIReply)
        /// The connection is gone that the reply belonged to.
        case lost(RuntimeAPIReply)
    }

    private let admit: @Sendable (any Channel) -> Void
    private let report: @Sendable (Event) -> Void
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isOversized = false
    private var latest: RuntimeAPIReply?

    /// A handler that hands a new connection to `admit` and tells `report` what comes in, both on the event loop.
    init(admit: @escaping @Sendable (any Channel) -> Void = { _ in }, report: @escaping @Sendable (Event) -> Void) {
        self.admit = admit
        self.report = report
    }

    /// A connection was accepted.
    func channelActive(context: ChannelHandlerContext) {
        admit(context.channel)
        context.fireChannelActive()
    }

    /// Collects a request, and tells of it when it is whole.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            isOversized = false
        case .body(let buffer):
            // Read on to the end all the same: a client that is still sending does not look for an answer.
            isOversized = isOversized || body.count + buffer.readableBytes > RuntimeAPIRequest.maximumPayload
            if isOversized { body = [] } else { body.append(contentsOf: buffer.readableBytesView) }
        case .end:
            guard let head else { return }
            let reply = RuntimeAPIReply(channel: context.channel, keepsAlive: head.isKeepAlive)
            let body = isOversized ? nil : body
            self.head = nil
            self.body = []
            latest = reply
            switch RuntimeAPIRequest.read(head, body: body) {
            case .success(let request): report(.request(request, reply))
            case .failure(let refusal): reply.send(.refused(refusal))
            }
        }
    }

    /// The connection is gone.
    func channelInactive(context: ChannelHandlerContext) {
        if let latest { report(.lost(latest)) }
        latest = nil
        context.fireChannelInactive()
    }

    /// Closes a connection that broke or that does not speak HTTP.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
