package import TimeSource

/// An event bus as stored.
package struct BusRecord: Sendable, Hashable {
    /// The account.
    package let account: String
    /// The name, unique in the account.
    package let name: String
    /// What it is for.
    package var description: String?
    /// The resource policy's JSON text, nil without one.
    package var policy: [UInt8]?
    /// Everything else that was put, as the JSON of the API's request: dead-letter queue, key, logging.
    package var settings: [UInt8]
    /// When it was created.
    package let createdAt: Timestamp
    /// When it was last changed.
    package var modifiedAt: Timestamp

    /// A bus of these facts.
    package init(
        account: String, name: String, description: String? = nil, policy: [UInt8]? = nil, settings: [UInt8] = Array("{}".utf8),
        createdAt: Timestamp, modifiedAt: Timestamp
    ) {
        self.account = account
        self.name = name
        self.description = description
        self.policy = policy
        self.settings = settings
        self.createdAt = createdAt
        self.modifiedAt = modifiedAt
    }
}
