import AWSProtocols
import NIOCore

/// Reads a request's body whole, within its limit and the common budget.
struct BodyReader: Sendable {
    private let budget: BodyBudget

    /// A reader that shares this budget with all other ones.
    init(budget: BodyBudget) {
        self.budget = budget
    }

    /// The whole body. `use` runs while the budget still holds it: the place to verify its signature.
    /// - Throws: `RequestEntityTooLargeException` past the limit, `ServiceUnavailable` when the budget is used up.
    func withBody<Result>(
        of incoming: IncomingBody, limit: Int, _ use: ([UInt8]) throws -> Result
    ) async throws -> Result {
        let announced = incoming.announcedLength
        if let announced, announced > limit { throw APIError.requestTooLarge(limit: limit) }
        var taken = 0
        defer { budget.giveBack(taken) }
        func take(_ count: Int) throws {
            guard budget.take(count) else {
                throw APIError.serviceUnavailable("Too many request bodies are being received.", retryAfterSeconds: 1)
            }
            taken += count
        }
        // What is announced is reserved at once, so that many slow senders cannot each get half-way.
        try take(announced ?? 0)
        var body: [UInt8] = []
        body.reserveCapacity(announced ?? 0)
        while let buffer = try await incoming.next() {
            guard body.count + buffer.readableBytes <= limit else { throw APIError.requestTooLarge(limit: limit) }
            if body.count + buffer.readableBytes > taken { try take(body.count + buffer.readableBytes - taken) }
            body.append(contentsOf: buffer.readableBytesView)
        }
        return try use(body)
    }
}
