package import ArgumentParser
import Foundation
import JSONCore

/// `nightshift backup`.
package struct BackUpServer: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write a backup of the running server, on the server's machine.",
        usage: "nightshift backup DESTINATION [--json] [SERVER]",
        discussion: """
            The server writes the directory itself, with its own rights, and everything that it had acknowledged when the backup began is \
            in it. It holds keys and secrets: keep it as safe as the data directory. `nightshift restore` makes a data directory of it.
            """)

    @Argument(help: "A directory that does not exist yet, or an empty one.", completion: .directory)
    package var destination: String

    @Flag(help: "Print JSON: the backup as DescribeBackup answers it.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    package init() {}

    package func run() async throws {
        let terminal = Terminal()
        let path = URL(fileURLWithPath: ProcessEnvironment.current.expand(destination)).path
        try await connection.withServer { server in
            var backup = try await server.call(.nightshift("StartBackup", ["Destination": .text(path)]))
            let id = backup["BackupId"] ?? .null
            while backup["State"]?.text == "RUNNING" {
                try await Task.sleep(for: .milliseconds(200))
                backup = try await server.call(.nightshift("DescribeBackup", ["BackupId": id]))
            }
            guard backup["State"]?.text == "SUCCEEDED" else {
                throw CommandFailure(
                    "the backup failed: \(backup["Reason"]?.text ?? "the server does not say why")", advice: "Nothing of it was left behind.")
            }
            if json { return terminal.line(JSONWriter.pretty(.object(APIText.readable(backup)))) }
            terminal.line("\(path): \(backup["Files"]?.integer ?? 0) files, \(backup["Bytes"]?.integer ?? 0) bytes")
        }
    }
}
