import Synchronization

/// Bytes that are collected from a body's pieces.
final class SmallBytes: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    /// All that came.
    var all: [UInt8] { bytes.withLock { $0 } }

    /// Adds the next piece.
    func append(_ piece: [UInt8]) {
        bytes.withLock { $0 += piece }
    }
}
