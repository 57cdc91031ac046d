/// Why the log store could not do something.
package struct LogStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is. Open: a newer store may know more.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name, for logs.
        package let description: String

        /// There is no log group of that name.
        package static let groupNotFound = Code(description: "groupNotFound")
        /// There is a log group of that name already.
        package static let groupExists = Code(description: "groupExists")
        /// There is no log stream of that name in the group.
        package static let streamNotFound = Code(description: "streamNotFound")
        /// There is a log stream of that name already.
        package static let streamExists = Code(description: "streamExists")
        /// A page token was not made by this store.
        package static let invalidToken = Code(description: "invalidToken")
        /// One append held more bytes than a batch may.
        package static let batchTooLarge = Code(description: "batchTooLarge")
        /// The appended piece of a source does not begin where the last one ended; `expectedSourceOffset` says where that is.
        package static let sourceOffsetMismatch = Code(description: "sourceOffsetMismatch")
        /// Too many bytes wait for the disk; try again later.
        package static let overloaded = Code(description: "overloaded")
        /// The disk or the quota is full.
        package static let storageFull = Code(description: "storageFull")
        /// The file system reported an error.
        package static let ioFailure = Code(description: "ioFailure")
        /// Stored bytes are not what was written.
        package static let corrupt = Code(description: "corrupt")
        /// The store is closed.
        package static let closed = Code(description: "closed")
    }

    /// Whether the change took place.
    package enum Outcome: Hashable, Sendable {
        /// Nothing was changed, now or later.
        case notApplied
        /// It may be there after a restart or not.
        case unknown
    }

    /// The kind of failure.
    package let code: Code
    /// Whether the change took place.
    package let outcome: Outcome
    /// What happened to which resource; never the content of an event.
    package let message: String
    /// With `sourceOffsetMismatch`: where the next piece of the source has to begin.
    package let expectedSourceOffset: Int64?

    /// An error of this kind; by default one that changed nothing.
    init(_ code: Code, _ message: String, outcome: Outcome = .notApplied, expectedSourceOffset: Int64? = nil) {
        self.code = code
        self.outcome = outcome
        self.message = message
        self.expectedSourceOffset = expectedSourceOffset
    }

    /// The code and the message, for logs.
    package var description: String { "\(code): \(message)" }
}
