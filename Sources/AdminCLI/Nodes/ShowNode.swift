package import ArgumentParser
package import JSONCore
package import TimeSource

/// `nightshift nodes show`.
package struct ShowNode: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one host: its settings, what runs there, and what is known of it.",
        usage: "nightshift nodes show NODE [--json] [SERVER]")

    @Argument(help: "The node's id, its name or its host name.")
    package var node: String

    @Flag(help: "Print JSON.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    package init() {}

    package func run() async throws {
        let terminal = Terminal()
        try await connection.withServer { server in
            let node = try await NodeReference.find(self.node, server)
            let settings = try await server.call(.nightshift("DescribeNodeSettings", ["InstanceId": .text(node.id)]))
            var running: [JSONValue] = []
            for status in ["InProgress", "Cancelling"] {
                running += try await server.list(
                    .systemsManager(
                        "ListCommandInvocations",
                        ["InstanceId": .text(node.id), "Filters": [["key": "Status", "value": .text(status)]]]), "CommandInvocations")
            }
            let system = try await ShowNode.entries("AWS:InstanceDetailedInformation", node.id, server)
            let network = try await ShowNode.entries("AWS:Network", node.id, server)
            let packages = try await NodeQuery.run(
                """
                SELECT COUNT(configuration.AWS:Application.Content.Name)
                WHERE resourceType = 'AWS::SSM::ManagedInstanceInventory' AND resourceId = '\(node.id)'
                """, server
            ).rows.first?.object?.members.first?.value.integer
            let whole: JSONObject = [
                "node": node.information, "settings": .object(settings), "running": .array(running), "system": .array(system),
                "network": .array(network), "packages": .integer(packages ?? 0),
            ]
            if json { return terminal.line(JSONWriter.pretty(.object(APIText.readable(whole)))) }
            terminal.lines(ShowNode.lines(whole, now: LiveClock().now))
        }
    }

    private static func entries(_ type: String, _ node: String, _ server: any APICaller) async throws -> [JSONValue] {
        try await server.list(
            .systemsManager("ListInventoryEntries", ["InstanceId": .text(node), "TypeName": .text(type)]), "Entries", limit: 200)
    }

    /// What is printed of a node.
    package static func lines(_ whole: JSONObject, now: Timestamp) -> [String] {
        let (node, settings) = (whole["node"] ?? [:], whole["settings"] ?? [:])
        var lines: [String] = []
        func add(_ title: String, _ text: String?) {
            guard let text, !text.isEmpty else { return }
            lines.append(title + String(repeating: " ", count: max(1, 14 - title.count)) + DisplayText.line(text))
        }
        add("node", node["InstanceId"]?.text)
        add("name", node["Name"]?.text)
        add("host", node["ComputerName"]?.text)
        add("status", "\(node["PingStatus"]?.text ?? ""), last seen \(ListNodes.lastSeen(node, now: now))")
        add("platform", [node["PlatformName"]?.text, node["PlatformVersion"]?.text].compactMap { $0 }.joined(separator: " "))
        for system in whole["system"]?.array ?? [] {
            add("kernel", system["KernelVersion"]?.text)
            let processors = [system["CPUs"]?.text, system["CPUModel"]?.text].compactMap { $0 }.filter { !$0.isEmpty }
            add("processors", processors.joined(separator: " × "))
        }
        for interface in whole["network"]?.array ?? [] {
            let addresses = [interface["IPV4"]?.text, interface["IPV6"]?.text].compactMap { $0 }.filter { !$0.isEmpty }
            add("network", "\(interface["Name"]?.text ?? ""): \(addresses.joined(separator: ", "))")
        }
        if let packages = whole["packages"]?.integer, packages > 0 { add("packages", "\(packages)") }
        add("agent", node["AgentVersion"]?.text)
        add("maintenance", settings["Maintenance"]?.bool == true ? "on: the node takes nothing new" : "off")
        for line in settingLines(settings) { add(line.title, line.text) }
        let running = whole["running"]?.array ?? []
        if running.isEmpty { add("running", "nothing") }
        for command in running {
            add("running", "\(command["CommandId"]?.text ?? "") \(command["DocumentName"]?.text ?? "") \(command["Comment"]?.text ?? "")")
        }
        return lines
    }

    /// The settings that are set.
    static func settingLines(_ settings: JSONValue) -> [(title: String, text: String?)] {
        let user = [settings["RunAsUser"]?.text, settings["RunAsGroup"]?.text].compactMap { $0 }.joined(separator: ":")
        let limits = settings["Limits"]?.object?.members.map { "\($0.key.text)=\($0.value.text ?? "")" }.joined(separator: " ")
        return [
            ("run as", user), ("umask", settings["Umask"]?.text), ("nice", settings["Nice"]?.text), ("limits", limits),
            ("memory max", settings["MemoryMax"]?.text), ("cpu quota", settings["CpuQuota"]?.text), ("tasks max", settings["TasksMax"]?.text),
        ]
    }
}
