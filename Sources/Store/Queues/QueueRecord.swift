package import TimeSource

/// A queue as it is stored.
package struct QueueRecord: Sendable, Hashable {
    /// The key of its messages; never that of another queue, not after its deletion either.
    package let id: Int64
    /// Account and name.
    package let name: QueueName
    /// How it behaves.
    package var attributes: QueueAttributes
    /// When it was created, by the wall clock.
    package let createdAt: Timestamp
    /// When its attributes were changed last.
    package var modifiedAt: Timestamp

    /// A queue of these facts.
    package init(id: Int64, name: QueueName, attributes: QueueAttributes, createdAt: Timestamp, modifiedAt: Timestamp) {
        self.id = id
        self.name = name
        self.attributes = attributes
        self.createdAt = createdAt
        self.modifiedAt = modifiedAt
    }

    /// Whether messages come in the order of their groups, once.
    package var isFIFO: Bool { name.isFIFO }
}
