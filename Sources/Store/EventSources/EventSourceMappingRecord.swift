package import TimeSource

/// A mapping from an event source to a function, as stored.
package struct EventSourceMappingRecord: Sendable, Hashable {
    /// What its owner wants of it.
    package enum State: String, Sendable, Hashable {
        case enabled
        case disabled
        /// Its row goes as soon as nothing runs for it any more.
        case deleting
    }

    /// Its UUID.
    package let id: String
    /// The account.
    package let account: String
    /// The source's ARN.
    package let source: String
    /// The function's ARN, with the qualifier if one was named.
    package var function: String
    /// What is wanted of it.
    package var state: State
    /// Ascends with each change.
    package var version: Int64
    /// When it was changed last, by the wall clock.
    package var modifiedAt: Timestamp
    /// The settings, as JSON.
    package var settings: [UInt8]

    /// A mapping of these facts.
    package init(
        id: String, account: String, source: String, function: String, state: State, version: Int64 = 1, modifiedAt: Timestamp,
        settings: [UInt8]
    ) {
        self.id = id
        self.account = account
        self.source = source
        self.function = function
        self.state = state
        self.version = version
        self.modifiedAt = modifiedAt
        self.settings = settings
    }
}
