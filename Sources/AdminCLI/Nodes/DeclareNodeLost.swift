package import ArgumentParser
import Foundation
import JSONCore
import TimeSource

/// `nightshift nodes declare-lost`.
package struct DeclareNodeLost: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "declare-lost", abstract: "Give up what runs on a host that will not come back: those commands are Failed, NodeLost.",
        usage: "nightshift nodes declare-lost NODE [--yes] [--force] [--json] [SERVER]",
        discussion: """
            Until then they stay InProgress, as nobody can know whether they still run: starting them elsewhere might run them twice. Make sure \
            that the host is off. Should it come back after all, it is told to stop what it still runs.
            """)

    @Argument(help: "The node's id, its name or its host name.")
    package var node: String

    @Flag(name: .shortAndLong, help: "Do not ask.")
    package var yes = false

    @Flag(help: "Also when the node is online.")
    package var force = false

    @Flag(help: "Print JSON: as DeclareNodeLost answers.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    package init() {}

    package func run() async throws {
        let terminal = Terminal()
        // The question may wait for long.
        try await connection.withServer { server in
            let node = try await NodeReference.find(self.node, server)
            if !yes { try await confirm(node, server, terminal) }
            let answer = try await server.call(
                .nightshift("DeclareNodeLost", ["InstanceId": .text(node.id), "Force": .bool(force)]))
            if json { return terminal.line(JSONWriter.pretty(.object(APIText.readable(answer)))) }
            let count = answer["FailedCommands"]?.integer ?? 0
            terminal.line(
                count == 0
                    ? "nothing ran on \(node.text)"
                    : "\(count) command\(count == 1 ? " is" : "s are") Failed, NodeLost on \(node.text)")
        }
    }

    private func confirm(_ node: NodeReference, _ server: any APICaller, _ terminal: Terminal) async throws {
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandFailure("declare-lost asks before it gives up commands, and nobody can answer here", advice: "--yes does without the question.")
        }
        let settings = try await server.call(.nightshift("DescribeNodeSettings", ["InstanceId": .text(node.id)]))
        let running = settings["RunningCommands"]?.integer ?? 0
        terminal.remark(
            "\(node.text) is \(node.information["PingStatus"]?.text ?? ""), last seen \(ListNodes.lastSeen(node.information, now: LiveClock().now)); "
                + "\(running) command\(running == 1 ? "" : "s") may run there.")
        terminal.remark("Give them up? They become Failed, NodeLost. [y/N]")
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            throw CommandFailure("nothing was done")
        }
    }
}
