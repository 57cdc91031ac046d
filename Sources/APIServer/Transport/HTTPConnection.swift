import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// One HTTP/1 connection: takes its requests in order, has each answered by a task, and writes the answer.
///
/// All of it happens on the connection's event loop. A request's task ends with its answer, or, when that is to be waited for, with what
/// there is to wait for; see `Reply`.
final class HTTPConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Where the connection stands with its present request.
    private enum Progress {
        /// There is none.
        case idle
        /// A short one is on its way; it is answered once it is whole.
        case collecting(HTTPRequest, ByteBuffer?)
        /// It is being answered while its body arrives.
        case streaming(RequestBodyPipe)
        /// It is here, its answer is not.
        case answering
    }

    /// Bodies of up to this many bytes are read before the request is answered.
    private static let collectedLength = 64 << 10

    private let channel: any Channel
    private let common: HTTPConnections.Common
    private let executor: EventLoopExecutor
    private var progress = Progress.idle
    /// Requests behind the present one, and what else came with them.
    private var waiting: [HTTPRequestPart] = []
    private var isReadPending = false
    private var isInputClosed = false
    /// The client is gone or the server stops: nobody waits for what has no end of its own.
    private var isEnding = false
    /// The connection is to be closed once the present answer is written.
    private var closesAfterAnswer = false
    /// Ends what has no end of its own, when the client goes or the server stops.
    private var endOpenAnswer: (@Sendable () -> Void)?
    private var lastActivity = NIODeadline.now()
    private var idleCheck: Scheduled<Void>?

    init(channel: any Channel, common: HTTPConnections.Common) {
        self.channel = channel
        self.common = common
        executor = EventLoopExecutor(channel.eventLoop)
    }

    // MARK: Inbound

    func handlerAdded(context: ChannelHandlerContext) {
        scheduleIdleCheck(in: common.idleTimeout)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        lastActivity = .now()
        if case .answering = progress { return waiting.append(part) }
        take(part)
    }

    func read(context: ChannelHandlerContext) {
        if isFull { isReadPending = true } else { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: inputClosed()
        case is ChannelShouldQuiesceEvent:
            closesAfterAnswer = true
            isEnding = true
            if case .idle = progress { channel.close(promise: nil) } else { endOpenAnswer?() }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        idleCheck?.cancel()
        inputClosed()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, case .idle = progress else {
            channel.close(promise: nil)
            return
        }
        let head = HTTPResponse(status: .badRequest, headerFields: [.connection: "close", .contentLength: "0"])
        channel.write(HTTPResponsePart.head(head), promise: nil)
        channel.writeAndFlush(HTTPResponsePart.end(nil)).assumeIsolated().whenComplete { _ in self.channel.close(promise: nil) }
    }

    /// Half a close is one, too, for whoever waits: clients of AWS do not close their side before the answer.
    private func inputClosed() {
        guard !isInputClosed else { return }
        isInputClosed = true
        closesAfterAnswer = true
        isEnding = true
        endOpenAnswer?()
        switch progress {
        case .idle, .collecting: channel.close(promise: nil)
        case .streaming(let pipe): pipe.fail(ChannelError.inputClosed)
        case .answering: break
        }
    }

    // MARK: Requests

    private func take(_ part: HTTPRequestPart) {
        switch (progress, part) {
        case (.idle, .head(let head)): begin(head)
        case (.collecting(let head, var body), .body(let piece)):
            progress = .idle
            if body == nil { body = piece } else { body?.writeImmutableBuffer(piece) }
            progress = .collecting(head, body)
        case (.collecting(let head, let body), .end):
            progress = .answering
            answer(Request(head: head, body: RequestBody(buffer: body ?? ByteBuffer())))
        case (.streaming(let pipe), .body(let piece)): pipe.push(piece)
        case (.streaming(let pipe), .end):
            progress = .answering
            pipe.finish()
        default: channel.close(promise: nil)
        }
    }

    private func begin(_ head: HTTPRequest) {
        if head.headerFields[.connection]?.lowercased() == "close" { closesAfterAnswer = true }
        let isChunked = head.headerFields[.transferEncoding] != nil
        let length = head.headerFields[.contentLength].flatMap { Int($0) } ?? 0
        if !isChunked, length <= HTTPConnection.collectedLength, head.headerFields[.expect] == nil {
            progress = .collecting(head, nil)
        } else {
            let connection = NIOLoopBound(self, eventLoop: channel.eventLoop)
            let pipe = RequestBodyPipe { [channel] in channel.eventLoop.execute { connection.value.demanded() } }
            progress = .streaming(pipe)
            answer(Request(head: head, body: pipe.body))
        }
    }

    private func answer(_ request: Request) {
        let connection = NIOLoopBound(self, eventLoop: channel.eventLoop)
        // It ends with the request, which is answered whether the client waits for it or not.
        Task(executorPreference: executor) { [common, channel] in
            switch await common.responder.reply(to: request, on: channel) {
            case .response(let response): await connection.value.send(response)
            case .pending(let call): connection.value.wait(for: call)
            }
        }
    }

    /// Waits for the answer to a poll, for as long as the client does.
    private func wait(for call: PendingCall) {
        let connection = NIOLoopBound(self, eventLoop: channel.eventLoop)
        let task = Task(executorPreference: executor) { await connection.value.send(call.response()) }
        endOpenAnswer = { task.cancel() }
        if isEnding { task.cancel() }
    }

    // MARK: Answers

    private func send(_ response: Response) async {
        var head = response.head
        head.headerFields[.date] = common.dates.text
        head.headerFields[.server] = "Nightshift"
        if head.headerFields[.connection]?.lowercased() == "close" { closesAfterAnswer = true }
        endOpenAnswer = nil
        let sent = channel.eventLoop.makePromise(of: Void.self)
        channel.write(HTTPResponsePart.head(head), promise: nil)
        do {
            if response.body.contentLength == nil {
                try await sendOpenEnded(response.body, sent)
            } else {
                try await response.body.write(ConnectionWriter(channel, sent: sent, isOpenEnded: false))
            }
            answered(sent.futureResult)
        } catch {
            // Half an answer cannot be followed by another one.
            sent.fail(error)
            channel.close(promise: nil)
        }
    }

    /// Sends a body that goes on until it is told to stop.
    private func sendOpenEnded(_ body: ResponseBody, _ sent: EventLoopPromise<Void>) async throws {
        let writer = ConnectionWriter(channel, sent: sent, isOpenEnded: true)
        // Awaited below; a task of its own, so that it can be told.
        let task = Task(executorPreference: executor) { try await body.write(writer) }
        endOpenAnswer = { task.cancel() }
        if isEnding { task.cancel() }
        defer { endOpenAnswer = nil }
        try await task.value
    }

    private func answered(_ sent: EventLoopFuture<Void>) {
        lastActivity = .now()
        // What is left of a request that nobody wanted to read would be taken for the next one.
        guard case .answering = progress, !closesAfterAnswer else {
            sent.assumeIsolated().whenComplete { _ in self.channel.close(promise: nil) }
            return
        }
        progress = .idle
        while !waiting.isEmpty {
            if case .answering = progress { return }
            take(waiting.removeFirst())
        }
        readOn()
    }

    // MARK: Back pressure and idleness

    /// Whether nothing more is to be read: the body is not wanted as fast as it comes, or another request waits already.
    private var isFull: Bool {
        if case .streaming(let pipe) = progress, pipe.isFull { return true }
        return !waiting.isEmpty
    }

    private func demanded() {
        if case .streaming(let pipe) = progress { pipe.demanded() }
        readOn()
    }

    private func readOn() {
        guard isReadPending, !isFull else { return }
        isReadPending = false
        channel.read()
    }

    private func scheduleIdleCheck(in time: TimeAmount) {
        idleCheck = channel.eventLoop.assumeIsolated().scheduleTask(in: time) { self.checkIdleness() }
    }

    private func checkIdleness() {
        let isWorking = if case .answering = progress { true } else { false }
        let left = isWorking ? common.idleTimeout : lastActivity + common.idleTimeout - .now()
        if left > .zero { scheduleIdleCheck(in: left) } else { channel.close(promise: nil) }
    }
}
