package import TimeSource

/// An archive of an event bus: which events it keeps, and for how long.
package struct ArchiveRecord: Sendable, Hashable {
    /// Our own number for it: an archive made again under the same name is another one.
    package let id: Int64
    /// The account.
    package let account: String
    /// The name, unique in the account.
    package let name: String
    /// Counts the changes from 1.
    package var version: Int64
    /// The name of the bus whose events it keeps.
    package let bus: String
    /// What it is for.
    package var description: String?
    /// The pattern's JSON text as given; nil for all events.
    package var eventPattern: [UInt8]?
    /// How many days events are kept; 0 for ever.
    package var retentionDays: Int64
    /// The key that the caller named; shown, not used.
    package var keyIdentifier: String?
    /// When it was created.
    package let createdAt: Timestamp

    /// An archive of these facts.
    package init(
        id: Int64, account: String, name: String, version: Int64 = 1, bus: String, description: String?, eventPattern: [UInt8]?,
        retentionDays: Int64, keyIdentifier: String?, createdAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.version = version
        self.bus = bus
        self.description = description
        self.eventPattern = eventPattern
        self.retentionDays = retentionDays
        self.keyIdentifier = keyIdentifier
        self.createdAt = createdAt
    }
}

/// How much an archive holds.
package struct ArchiveSize: Sendable, Hashable {
    /// How many events.
    package var events: Int64 = 0
    /// Their bytes as they are stored.
    package var bytes: Int64 = 0

    /// A size of these figures.
    package init(events: Int64 = 0, bytes: Int64 = 0) {
        self.events = events
        self.bytes = bytes
    }
}
