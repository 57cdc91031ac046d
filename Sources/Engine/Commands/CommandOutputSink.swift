package import AgentProtocol
package import Store

/// Keeps the whole output of commands, byte for byte, beside what the API shows and what goes to logs.
package protocol CommandOutputSink: Sendable {
    /// Whether it wants the output of a command: always the same answer for a command.
    func wants(_ command: CommandRecord) -> Bool

    /// Makes pieces of a stream durable, each at its offset. They may come again, all or in part, after a crash between this and the
    /// acknowledgement, with the same bytes at the same offsets. Between pieces there may be a gap, of bytes that are lost.
    /// - Throws: when not everything could be stored; the node is not told that it arrived and sends it again.
    func stage(
        _ pieces: [OutputPiece], of stream: CommandOutputStore.StreamKey, command: CommandRecord, step: PluginStep
    ) async throws
}
