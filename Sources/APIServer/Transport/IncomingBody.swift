import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTPTypes

/// A request's body while it arrives: read by one, and what nobody has read is thrown away before the answer.
///
/// Clients send the whole body before they look at the answer; one that is refused early would otherwise block on a full connection.
final class IncomingBody {
    private var iterator: RequestBody.AsyncIterator
    private var isAtEnd = false
    /// Where the client waits to be told to send the body (`Expect: 100-continue`); nil when it does not, or has been told.
    private var expectant: (any Channel)?
    /// The length that the request announces; nil when it announces none.
    let announcedLength: Int?

    /// The body of a request that came on this connection. Nobody else may read it.
    init(_ request: Request, on channel: any Channel) {
        iterator = request.body.makeAsyncIterator()
        let expectation = request.headers[.expect]
        expectant = expectation?.lowercased() == "100-continue" ? channel : nil
        announcedLength = request.headers[.contentLength].flatMap { Int($0) }
    }

    /// The next piece, nil at the end.
    func next() async throws -> ByteBuffer? {
        if isAtEnd { return nil }
        if let channel = expectant {
            expectant = nil
            channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)), promise: nil)
        }
        do {
            let piece = try await iterator.next(isolation: #isolation)
            isAtEnd = piece == nil
            return piece
        } catch {
            isAtEnd = true
            throw error
        }
    }

    /// Reads and forgets the rest, at most `limit` bytes; false when there is more, so that the connection cannot be used again.
    ///
    /// A client that still waits to be told to send its body may send it or not, so nothing can follow on its connection.
    func discardRest(limit: Int) async -> Bool {
        if expectant != nil, announcedLength != 0 { return false }
        var discarded = 0
        while discarded <= limit {
            guard let piece = try? await next() else { return true }
            discarded += piece.readableBytes
        }
        return false
    }
}
