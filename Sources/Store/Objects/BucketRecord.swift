package import TimeSource

/// A bucket.
package struct BucketRecord: Sendable, Hashable {
    /// The account; each has names of its own.
    package let account: String
    /// The name.
    package let name: String
    /// Its number in other tables: random, and another one when the name is used again.
    package let id: Int64
    /// When it was created.
    package let createdAt: Timestamp

    /// A bucket.
    package init(account: String, name: String, id: Int64, createdAt: Timestamp) {
        self.account = account
        self.name = name
        self.id = id
        self.createdAt = createdAt
    }
}
