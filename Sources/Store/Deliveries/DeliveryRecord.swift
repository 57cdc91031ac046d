package import TimeSource

/// One input on its way to one target outside of the database: a mail, a webhook, an asynchronous invocation.
package struct DeliveryRecord: Sendable, Hashable {
    /// Its name, ordered by time; what receivers remember it by.
    package let id: String
    /// The account that it belongs to.
    package let account: String
    /// How it is delivered: the name of its `DeliveryPerformer`.
    package let kind: String
    /// Attempts that have failed so far.
    package let attempts: Int
    /// When it was accepted, in engine time: what its maximum age counts from.
    package let createdAt: Timestamp
    /// What the performer needs, in the performer's own format.
    package var body: [UInt8]

    /// A delivery of these facts.
    package init(id: String, account: String, kind: String, attempts: Int = 0, createdAt: Timestamp, body: [UInt8]) {
        self.id = id
        self.account = account
        self.kind = kind
        self.attempts = attempts
        self.createdAt = createdAt
        self.body = body
    }
}

/// A delivery that was given up, and why.
package struct FailedDelivery: Sendable, Hashable {
    /// The delivery as it stood.
    package let record: DeliveryRecord
    /// When it was given up, by the wall clock.
    package let failedAt: Timestamp
    /// Why, for the operator.
    package let reason: String
}
