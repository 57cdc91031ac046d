package import AWSProtocols
import HummingbirdCore
import NIOCore

/// An answer on an unsigned route.
package struct UnsignedResponse: Sendable {
    /// The body: at hand, or written as it becomes known.
    package enum Body: Sendable {
        /// Sent with its length.
        case bytes([UInt8])
        /// Sent in chunks until the closure returns. Its task is cancelled when the client closes the connection or the server
        /// shuts down; the connection is closed afterwards.
        case stream(@Sendable (inout ResponseStream) async throws -> Void)
    }

    /// The status.
    package var status: Int
    /// The headers, without `Content-Length` and `Date`.
    package var headers: [(name: String, value: String)]
    /// The body.
    package var body: Body

    /// An answer of these parts.
    package init(status: Int, headers: [(name: String, value: String)] = [], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The same as an answer that a codec made.
    package init(_ response: WireResponse) {
        self.init(status: response.status, headers: response.headers, body: .bytes(response.body))
    }
}

/// Where a streamed answer is written.
///
/// It holds nothing but the connection's outbound writer, which may be used from any task; the protocol does not say so, hence `@unchecked`.
package struct ResponseStream: @unchecked Sendable {
    private var writer: any ResponseBodyWriter

    init(_ writer: any ResponseBodyWriter) {
        self.writer = writer
    }

    /// Sends bytes at once; waits while the client reads more slowly than they come.
    package mutating func write(_ bytes: [UInt8]) async throws {
        try await writer.write(ByteBuffer(bytes: bytes))
    }

    consuming func finish() async throws {
        try await writer.finish(nil)
    }
}
