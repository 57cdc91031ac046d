import Synchronization

/// A body that is at hand already: for calls made inside the server, and for tests.
package final class BufferedInputBody: StreamedInputBody {
    private static let pieceSize = 512 << 10

    package let length: Int64
    package let announcedTrailers: [String] = []
    package let trailers: [String: String] = [:]
    private let rest: Mutex<ArraySlice<UInt8>>

    /// A body of these bytes.
    package init(_ bytes: [UInt8]) {
        length = Int64(bytes.count)
        rest = Mutex(bytes[...])
    }

    package func next() async throws -> [UInt8]? {
        rest.withLock { rest in
            if rest.isEmpty { return nil }
            let piece = Array(rest.prefix(BufferedInputBody.pieceSize))
            rest.removeFirst(piece.count)
            return piece
        }
    }
}
