import Synchronization

@testable import Services

/// A body whose checksum comes behind it.
final class TrailedBody: StreamedInputBody {
    let length: Int64
    let announcedTrailers: [String]
    private let rest: Mutex<[UInt8]?>
    private let behind: [String: String]

    init(_ text: String, _ trailers: [String: String], length: Int64? = nil) {
        self.length = length ?? Int64(text.utf8.count)
        announcedTrailers = trailers.keys.sorted()
        behind = trailers
        rest = Mutex(Array(text.utf8))
    }

    var trailers: [String: String] { rest.withLock { $0 == nil ? behind : [:] } }

    func next() async throws -> [UInt8]? {
        rest.withLock { rest in
            defer { rest = nil }
            return rest.flatMap { $0.isEmpty ? nil : $0 }
        }
    }
}
