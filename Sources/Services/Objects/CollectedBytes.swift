import Synchronization

/// Bytes that come in pieces, in one value.
final class CollectedBytes: Sendable {
    private let collected: Mutex<[UInt8]>

    /// None yet, with room for so many.
    init(capacity: Int) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(capacity)
        collected = Mutex(bytes)
    }

    /// Adds a piece.
    func append(_ piece: [UInt8]) {
        collected.withLock { $0 += piece }
    }

    /// All that came.
    var bytes: [UInt8] { collected.withLock { $0 } }
}
