package import ArgumentParser
package import JSONCore
package import TimeSource

/// `nightshift nodes list`, or just `nightshift nodes`.
package struct ListNodes: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the hosts that run commands, and whether they are online; or query what is known of them.",
        usage: """
            nightshift nodes [--json] [SERVER]
            nightshift nodes --query "SELECT …" [--json] [SERVER]
            """,
        discussion: """
            A query is one of AWS Config's advanced queries, over AWS::SSM::ManagedInstanceInventory and AWS::EC2::NetworkInterface:

              nightshift nodes --query "SELECT resourceId, configuration.association.publicIp
                WHERE resourceType = 'AWS::EC2::NetworkInterface' AND configuration.association.publicIp > '0.0.0.0'"
            """)

    @Option(help: "Print the rows of this query instead.")
    package var query: String?

    @Flag(help: "Print JSON: the nodes as DescribeInstanceInformation answers them, or the rows of the query.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    package init() {}

    package func run() async throws {
        let terminal = Terminal()
        try await connection.withServer { server in
            if let query { return try await show(query, server, terminal) }
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

    private func show(_ query: String, _ server: any APICaller, _ terminal: Terminal) async throws {
        let answer = try await NodeQuery.run(query, server)
        if json { return terminal.line(JSONWriter.pretty(["rows": .array(answer.rows)])) }
        guard !answer.rows.isEmpty else { return terminal.remark("no rows") }
        terminal.lines(answer.table(terminal.style))
    }

    /// The table of nodes.
    package static func table(_ nodes: [JSONValue], _ style: OutputStyle, now: Timestamp) -> [String] {
        var table = TextTable(["NODE", "NAME", "STATUS", "LAST SEEN", "PLATFORM", "ADDRESS", "AGENT"])
        for node in nodes {
            let status = node["PingStatus"]?.text ?? ""
            let platform = [node["PlatformName"]?.text ?? node["PlatformType"]?.text, node["PlatformVersion"]?.text]
            table.add([
                .init(node["InstanceId"]?.text ?? ""), .init(node["Name"]?.text ?? node["ComputerName"]?.text ?? ""),
                .init(status, OutputStyle.role(ofStatus: status)), .init(lastSeen(node, now: now)),
                .init(platform.compactMap { $0 }.joined(separator: " ")), .init(node["IPAddress"]?.text ?? ""),
                .init(node["AgentVersion"]?.text ?? ""),
            ])
        }
        return table.lines(style)
    }

    /// When a node was heard of, in words.
    static func lastSeen(_ node: JSONValue, now: Timestamp) -> String {
        node["LastPingDateTime"]?.number.map { DurationText.text(now - Timestamp(apiSeconds: $0.double)) + " ago" } ?? "never"
    }
}
