import AWSProtocols
import NIOCore

/// A body whose sender is not known yet, in the budget of all those.
final class HeldBody {
    private(set) var bytes: [UInt8] = []
    private let budget: BodyBudget
    private var taken = 0

    /// An empty body that has `capacity` bytes of the budget.
    init(_ budget: BodyBudget, capacity: Int) throws(APIError) {
        self.budget = budget
        try take(capacity)
        bytes.reserveCapacity(capacity)
    }

    deinit { budget.giveBack(taken) }

    /// Appends a piece.
    func append(_ piece: ByteBuffer, limit: Int) throws(APIError) {
        let length = bytes.count + piece.readableBytes
        guard length <= limit else { throw .requestTooLarge(limit: limit) }
        if length > taken { try take(length - taken) }
        bytes.append(contentsOf: piece.readableBytesView)
    }

    private func take(_ count: Int) throws(APIError) {
        guard budget.take(count) else {
            throw .serviceUnavailable("Too many request bodies are being received.", retryAfterSeconds: 1)
        }
        taken += count
    }
}
