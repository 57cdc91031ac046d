import AWSProtocols
import NIOCore

/// Reads a request's body whole, within its limit and the common budget.
struct BodyReader: Sendable {
    private let budget: BodyBudget

    /// A reader that shares this budget with all other ones.
    init(budget: BodyBudget) {
        self.budget = budget
    }

    /// The whole body, taken out of the budget for as long as it is held.
    /// - Throws: `RequestEntityTooLargeException` past the limit, `ServiceUnavailable` when the budget is used up.
    func read(_ incoming: IncomingBody, limit: Int) async throws -> HeldBody {
        let announced = incoming.announcedLength
        if let announced, announced > limit { throw APIError.requestTooLarge(limit: limit) }
        // What is announced is reserved at once, so that many slow senders cannot each get half-way.
        let body = try HeldBody(budget, capacity: announced ?? 0)
        while let buffer = try await incoming.next() { try body.append(buffer, limit: limit) }
        return body
    }
}
