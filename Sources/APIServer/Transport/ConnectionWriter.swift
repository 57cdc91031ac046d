import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTPTypes

/// Writes the body of an answer to its connection: what is short at once with its end, what is long as fast as the client reads.
final class ConnectionWriter: ResponseBodyWriter {
    /// As many bytes may wait for the end, or for more.
    private static let unsentLimit = 64 << 10

    private let channel: any Channel
    private let sent: EventLoopPromise<Void>
    private let isOpenEnded: Bool
    private var unsent = 0

    /// A writer behind the head of an answer.
    /// - Parameters:
    ///   - sent: fulfilled when the end has left.
    ///   - isOpenEnded: whether each piece is sent at once, since nobody knows when there will be more.
    init(_ channel: any Channel, sent: EventLoopPromise<Void>, isOpenEnded: Bool) {
        self.channel = channel
        self.sent = sent
        self.isOpenEnded = isOpenEnded
    }

    func write(_ buffer: ByteBuffer) async throws {
        unsent += buffer.readableBytes
        guard unsent > ConnectionWriter.unsentLimit || isOpenEnded else {
            channel.write(HTTPResponsePart.body(buffer), promise: nil)
            return
        }
        unsent = 0
        try await channel.writeAndFlush(HTTPResponsePart.body(buffer)).get()
    }

    func finish(_ trailers: HTTPFields?) async throws {
        channel.writeAndFlush(HTTPResponsePart.end(trailers), promise: sent)
    }
}
