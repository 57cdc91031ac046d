/// A command that waits in a node's queue: what an offer says.
package struct QueuedCommand: Sendable, Hashable {
    /// The command's number.
    package let command: Int64
    /// The `CommandId`.
    package let commandID: String
    /// The document's name.
    package let documentName: String
    /// Identifies what the go will carry.
    package let digest: String
    /// The attempt that is offered.
    package let attempt: Int

    /// What waits, by these facts.
    package init(command: Int64, commandID: String, documentName: String, digest: String, attempt: Int) {
        self.command = command
        self.commandID = commandID
        self.documentName = documentName
        self.digest = digest
        self.attempt = attempt
    }
}
