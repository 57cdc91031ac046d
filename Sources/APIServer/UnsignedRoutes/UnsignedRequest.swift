package import AWSProtocols
import HummingbirdCore
import NIOCore

/// A request on an unsigned route.
package struct UnsignedRequest: Sendable {
    /// Method, path, query and headers; its body is empty, see `body`.
    package let head: WireRequest
    /// The body, to be read once.
    package let body: RequestBodyStream
    /// The client's IP address; nil when the connection has none.
    package let remoteAddress: String?
    /// The server's base address as the client wrote it: `https://nightshift.example:7070`.
    package let endpoint: String
    /// The id under which failures are logged.
    package let requestID: String

    /// A request of these parts.
    package init(head: WireRequest, body: RequestBodyStream, remoteAddress: String?, endpoint: String, requestID: String) {
        self.head = head
        self.body = body
        self.remoteAddress = remoteAddress
        self.endpoint = endpoint
        self.requestID = requestID
    }
}

/// A request's body as it arrives, in pieces; to be read once.
package struct RequestBodyStream: AsyncSequence, Sendable {
    private let body: RequestBody

    init(_ body: RequestBody) {
        self.body = body
    }

    /// A body that is at hand, for tests.
    package init(bytes: [UInt8]) {
        body = RequestBody(buffer: ByteBuffer(bytes: bytes))
    }

    /// Gives the pieces in order. Reading slowly slows the sender down.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: RequestBody.AsyncIterator

        /// The next piece; nil at the end.
        package mutating func next() async throws -> [UInt8]? {
            try await next(isolation: #isolation)
        }

        /// The next piece; nil at the end.
        package mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
            try await base.next(isolation: actor).map { Array($0.readableBytesView) }
        }
    }

    /// Begins to read.
    package func makeAsyncIterator() -> Iterator {
        Iterator(base: body.makeAsyncIterator())
    }

    /// The whole body.
    /// - Throws: `RequestEntityTooLargeException` when it is longer than `limit` bytes.
    package func collect(limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in self {
            guard bytes.count + piece.count <= limit else { throw APIError.requestTooLarge(limit: limit) }
            bytes += piece
        }
        return bytes
    }
}
