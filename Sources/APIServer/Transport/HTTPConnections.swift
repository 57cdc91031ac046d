import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// HTTP/1 connections whose requests are answered one by one, each by a task of its own.
///
/// Hummingbird's own connection is a task that lives as long as its connection and keeps the stack of its deepest request, some 20 KB.
/// Here a connection that waits, for a request or for the answer to a poll, holds next to nothing: ten thousand polls may wait at a time.
struct HTTPConnections: ServerChildChannel {
    /// A connection that is set up.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
    }

    /// What all connections have in common. A class, so that each holds a pointer.
    final class Common: Sendable {
        /// Answers the requests.
        let responder: RequestResponder
        /// Makes the `Date` header's value.
        let dates: HTTPDateCache
        /// After how long a connection without request is closed.
        let idleTimeout: TimeAmount

        /// What these connections have in common.
        init(responder: RequestResponder, dates: HTTPDateCache, idleTimeout: TimeAmount) {
            self.responder = responder
            self.dates = dates
            self.idleTimeout = idleTimeout
        }
    }

    /// What all connections have in common.
    let common: Common

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            // A channel keeps the buffer it read into last, and most requests are short.
            try channel.syncOptions?.setOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1_024, maximum: 65_536))
            let pipeline = channel.pipeline.syncOperations
            // `HTTPConnection` keeps requests in order, and tells of errors.
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false)
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            try pipeline.addHandler(HTTPConnection(channel: channel, common: common))
            return Value(channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            try? await value.channel.closeFuture.get()
        } onCancel: {
            value.channel.close(promise: nil)
        }
    }
}
