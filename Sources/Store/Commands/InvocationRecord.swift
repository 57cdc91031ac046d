package import TimeSource

/// A command's share on one node, as stored.
package struct InvocationRecord: Sendable, Hashable {
    /// Which one.
    package struct Key: Sendable, Hashable {
        /// The command's number.
        package let command: Int64
        /// The node's id.
        package let node: String

        /// The invocation of a command on a node.
        package init(command: Int64, node: String) {
            self.command = command
            self.node = node
        }
    }

    /// Which one.
    package let key: Key
    /// The account.
    package let account: String
    /// Grows with each change; a change names the version that it was decided on.
    package let version: Int64
    /// Whether its turn has come (`MaxConcurrency`): only then is it in the node's queue.
    package let isReleased: Bool
    /// Where it stands.
    package let state: InvocationState
    /// When the current state is to be looked at again, in engine time.
    package let deadline: Timestamp?

    /// An invocation of these facts.
    package init(
        key: Key, account: String, version: Int64 = 0, isReleased: Bool, state: InvocationState = InvocationState(),
        deadline: Timestamp?
    ) {
        self.key = key
        self.account = account
        self.version = version
        self.isReleased = isReleased
        self.state = state
        self.deadline = deadline
    }
}
