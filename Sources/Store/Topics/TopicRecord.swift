package import TimeSource

/// A topic as stored.
package struct TopicRecord: Sendable, Hashable {
    /// Our own name for it: a topic made again under the same name is another one.
    package let id: String
    /// The account.
    package let account: String
    /// The name, unique in the account.
    package let name: String
    /// The attributes that were set, as a JSON object of texts.
    package let attributes: [UInt8]
    /// How many subscriptions were deleted.
    package let deletedSubscriptions: Int
    /// When it was created.
    package let createdAt: Timestamp

    /// A topic of these facts.
    package init(
        id: String, account: String, name: String, attributes: [UInt8], deletedSubscriptions: Int = 0, createdAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.attributes = attributes
        self.deletedSubscriptions = deletedSubscriptions
        self.createdAt = createdAt
    }
}
