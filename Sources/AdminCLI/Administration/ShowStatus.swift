package import ArgumentParser
package import JSONCore
import TimeSource

/// `nightshift status`.
package struct ShowStatus: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the server's version, whether it is held, and its last backup.",
        usage: "nightshift status [--json] [SERVER]")

    @Flag(help: "Print JSON: the server as DescribeServer answers it.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    package init() {}

    package func run() async throws {
        let terminal = Terminal()
        try await connection.withServer { server in
            let answer = APIText.readable(try await server.call(.nightshift("DescribeServer")))
            if json { return terminal.line(JSONWriter.pretty(.object(answer))) }
            terminal.lines(ShowStatus.lines(answer))
        }
    }

    /// What is printed of an answer with readable instants.
    package static func lines(_ server: JSONObject) -> [String] {
        var lines = [
            "nightshift \(server["Version"]?.text ?? "?"), schema version \(server["SchemaVersion"]?.integer ?? 0)"
        ]
        if server["State"]?.text == "HELD" {
            lines.append(
                "HELD since \(server["RestoredAt"]?.text ?? "?"), restored from the backup of \(server["BackupTakenAt"]?.text ?? "?")")
            lines.append("Nothing is sent, run or fired; `nightshift release` lets it go on.")
        } else {
            lines.append("running")
            if let released = server["ReleasedAt"]?.text {
                lines.append(
                    "restored from the backup of \(server["BackupTakenAt"]?.text ?? "?"), released \(released) by \(server["ReleasedBy"]?.text ?? "?")"
                )
            }
        }
        guard let backup = server["LastBackup"]?.object else { return lines + ["no backup since the start"] }
        let end = backup["State"]?.text == "FAILED" ? "failed: \(backup["Reason"]?.text ?? "")" : backup["State"]?.text?.lowercased() ?? ""
        return lines + ["last backup: \(backup["StartedAt"]?.text ?? "?") to \(backup["Destination"]?.text ?? "?"), \(end)"]
    }
}
