import AgentProtocol
import Engine

/// What a node is told as it happens: lines of `ServerMessage`, as long as its session and its connection last.
///
/// Nothing is prepared ahead: the next messages are read from the database once the last ones are written, so a slow node holds up itself
/// and no memory. It has no timer: `NodeSessions.beat` rings the same bell for the heartbeats of all streams.
package struct WorkStream: Sendable {
    let node: String
    let session: String
    let coordinator: CommandCoordinator

    /// Writes lines until the session ends.
    ///
    /// Cancelling the task ends it too, as does an error of `write`, which means that the client is gone.
    package func run(_ write: (_ bytes: [UInt8]) async throws -> Void) async throws {
        let sessions = coordinator.sessions
        guard let bell = sessions.openStream(session, of: node) else { return }
        defer { sessions.closeStream(session, of: node) }
        // The first line at once: the agent then knows that it is connected.
        try await write(ServerMessage.ping.line)
        for await _ in bell {
            try Task.checkCancellation()
            let messages = try await coordinator.nextMessages(session: session, node: node)
            if !messages.isEmpty { try await write(messages.flatMap(\.line)) }
        }
    }
}
