package import ArgumentParser
package import JSONCore
package import TimeSource

/// `nightshift nodes`.
package struct ListNodes: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "nodes", abstract: "List the hosts that run commands, and whether they are online.",
        usage: "nightshift nodes [--json] [SERVER]")

    @Flag(help: "Print JSON: the nodes as DescribeInstanceInformation answers them.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    package init() {}

    package func run() async throws {
        let terminal = Terminal()
        try await connection.withServer { server in
            let nodes = try await server.list(
                .systemsManager("DescribeInstanceInformation", ["MaxResults": 50]), "InstanceInformationList")
            if json {
                return terminal.line(JSONWriter.pretty(["nodes": APIText.readable(.array(nodes))]))
            }
            guard !nodes.isEmpty else {
                return terminal.remark("no nodes; `aws ssm create-activation` and `nightshift agent` on a host enrol one")
            }
            terminal.lines(ListNodes.table(nodes, terminal.style, now: LiveClock().now))
        }
    }

    /// The table of nodes.
    package static func table(_ nodes: [JSONValue], _ style: OutputStyle, now: Timestamp) -> [String] {
        var table = TextTable(["NODE", "NAME", "STATUS", "LAST SEEN", "PLATFORM", "ADDRESS", "AGENT"])
        for node in nodes {
            let status = node["PingStatus"]?.text ?? ""
            let seen = node["LastPingDateTime"]?.number.map { DurationText.text(now - Timestamp(apiSeconds: $0.double)) + " ago" }
            let platform = [node["PlatformName"]?.text ?? node["PlatformType"]?.text, node["PlatformVersion"]?.text]
            table.add([
                .init(node["InstanceId"]?.text ?? ""), .init(node["Name"]?.text ?? node["ComputerName"]?.text ?? ""),
                .init(status, OutputStyle.role(ofStatus: status)), .init(seen ?? "never"),
                .init(platform.compactMap { $0 }.joined(separator: " ")), .init(node["IPAddress"]?.text ?? ""),
                .init(node["AgentVersion"]?.text ?? ""),
            ])
        }
        return table.lines(style)
    }
}
