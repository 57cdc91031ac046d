package import ArgumentParser
import JSONCore

/// `nightshift nodes maintenance`.
package struct SetNodeMaintenance: AsyncParsableCommand {
    /// Whether the node is taken out or put back.
    package enum Switch: String, ExpressibleByArgument, CaseIterable, Sendable {
        case on
        case off
    }

    package static let configuration = CommandConfiguration(
        commandName: "maintenance", abstract: "Let a host finish what it runs and take nothing new, or take new commands again.",
        usage: "nightshift nodes maintenance NODE on|off [--json] [SERVER]")

    @Argument(help: "The node's id, its name or its host name.")
    package var node: String

    @Argument(help: "on: what runs there ends, what is sent there waits. off: what waits is started.")
    package var state: Switch

    @Flag(help: "Print JSON: the settings as DescribeNodeSettings answers them.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    package init() {}

    package func run() async throws {
        let terminal = Terminal()
        try await connection.withServer { server in
            let node = try await NodeReference.find(self.node, server)
            let settings = try await server.call(
                .nightshift("UpdateNodeSettings", ["InstanceId": .text(node.id), "Maintenance": .bool(state == .on)]))
            if json { return terminal.line(JSONWriter.pretty(.object(APIText.readable(settings)))) }
            guard state == .on else { return terminal.line("\(node.text) takes commands again") }
            let running = settings["RunningCommands"]?.integer ?? 0
            terminal.line(
                "\(node.text) takes nothing new; "
                    + (running == 0 ? "nothing runs there" : "\(running) command\(running == 1 ? "" : "s") still run\(running == 1 ? "s" : "") there"))
        }
    }
}
