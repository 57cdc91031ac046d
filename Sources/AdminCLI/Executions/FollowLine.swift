package import TimeSource

/// One line of the live view of an execution, before it is painted.
package struct FollowLine: Hashable, Sendable {
    /// What it tells.
    package enum Kind: Hashable, Sendable {
        /// A state was entered.
        case entered
        /// A state was left; it took that long.
        case left(after: Duration)
        /// An attempt went wrong.
        case failed
        /// A retrier began another attempt.
        case retried
        /// Something else worth a line.
        case noted
        /// The execution is over.
        case ended
    }

    /// When.
    package let at: Timestamp
    /// What.
    package let kind: Kind
    /// In how many Parallel or Map states it stands.
    package let depth: Int
    /// The state's name, or what happened.
    package let text: String
    /// More: the error and its cause, a map's index; may be empty.
    package var detail = ""
}
