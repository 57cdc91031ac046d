import HTTPTypes
import HummingbirdCore
import NIOCore

/// A request's body while it arrives: read by one, and what nobody has read is thrown away before the answer.
///
/// Clients send the whole body before they look at the answer; one that is refused early would otherwise block on a full connection.
final class IncomingBody {
    private var iterator: RequestBody.AsyncIterator
    private var isAtEnd = false
    /// The length that the request announces; nil when it announces none.
    let announcedLength: Int?

    /// The body of a request. Nobody else may read it.
    init(_ request: Request) {
        iterator = request.body.makeAsyncIterator()
        announcedLength = request.headers[.contentLength].flatMap { Int($0) }
    }

    /// The next piece, nil at the end.
    func next() async throws -> ByteBuffer? {
        if isAtEnd { return nil }
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
    func discardRest(limit: Int) async -> Bool {
        var discarded = 0
        while discarded <= limit {
            guard let piece = try? await next() else { return true }
            discarded += piece.readableBytes
        }
        return false
    }
}
