package import TimeSource

/// Forgets commands, in steps: what hangs on a command first, the command itself then. A command goes only once all of its invocations
/// have ended.
package enum CommandPruning: CaseIterable, Sendable {
    case output, streams, plugins, invocations, commands, progress

    /// Deletes what belongs to commands sent before an instant, no more than a number of rows; to be repeated until nothing is deleted.
    package func statement(before instant: Timestamp, limit: Int) -> Statement {
        Statement(sql, [.integer(CommandPruning.number(at: instant)), .integer(limit)])
    }

    /// The least number that a command sent at an instant may have.
    package static func number(at instant: Timestamp) -> Int64 {
        instant.milliseconds << 10
    }

    private var sql: String {
        switch self {
        case .output: dependents("command_output", "command, node, attempt, step, stream, start_offset")
        case .streams: dependents("command_stream", "command, node, attempt, step, stream")
        case .plugins: dependents("command_plugin", "command, node, step")
        case .invocations: dependents("command_invocation", "command, node")
        case .commands:
            """
            DELETE FROM command WHERE number IN (
                SELECT number FROM command WHERE number IN (\(CommandPruning.ended))
                    AND NOT EXISTS (SELECT 1 FROM command_invocation WHERE command = number) LIMIT ?)
            """
        case .progress:
            """
            DELETE FROM command_progress WHERE command IN (
                SELECT p.command FROM command_progress p WHERE p.command < ?
                    AND NOT EXISTS (SELECT 1 FROM command c WHERE c.number = p.command) LIMIT ?)
            """
        }
    }

    private static let ended = """
        SELECT c.number FROM command c JOIN command_progress p ON p.command = c.number
        WHERE c.number < ? AND p.completed >= c.target_count
        """

    private func dependents(_ table: String, _ key: String) -> String {
        "DELETE FROM \(table) WHERE (\(key)) IN (SELECT \(key) FROM \(table) WHERE command IN (\(CommandPruning.ended)) LIMIT ?)"
    }
}
