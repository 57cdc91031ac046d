package import AgentProtocol
package import Store

/// Completes the steps of a go at the moment when it is made, by what is stored nowhere: secrets, tokens.
package protocol GoPreparer: Sendable {
    /// The steps with their gaps filled in; as many as before, in the same order. Asked again when a go is said again.
    /// - Throws: `GoRefused` when that is not possible: nothing runs, and the invocation is Failed. Any other error means that it is not
    ///   known now: the node is told to ask again.
    func prepare(
        _ steps: [PluginStep], for attempt: AttemptID, of command: CommandRecord, on node: String
    ) async throws -> [PluginStep]
}
