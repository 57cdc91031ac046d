package import ArgumentParser
import JSONCore

/// `nightshift nodes set`.
package struct SetNode: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set as whom and within which limits jobs run on a host, unless their document says otherwise.",
        usage: "nightshift nodes set NODE [--run-as USER[:GROUP]] [--umask MASK] [--limit NAME=SOFT:HARD …] … [SERVER]",
        discussion: "An empty value, as in --run-as '', sets something back.")

    @Argument(help: "The node's id, its name or its host name.")
    package var node: String

    @Option(help: "The user, and behind a colon the group: names or numbers.")
    package var runAs: String?

    @Option(help: "The file mode creation mask, octal: 027.")
    package var umask: String?

    @Option(parsing: .unconditional, help: "The niceness, -20 to 19.")
    package var nice: String?

    @Option(name: .customLong("limit"), help: "A resource limit, NAME=SOFT:HARD or NAME=BOTH: nofile=1024:4096. May be repeated.")
    package var limits: [String] = []

    @Option(help: "How much memory a job may use: 512M.")
    package var memoryMax: String?

    @Option(help: "How much processor time a job may use, percent of one core: 150%.")
    package var cpuQuota: String?

    @Option(help: "How many processes and threads a job may have.")
    package var tasksMax: String?

    @Flag(help: "Print JSON: the settings as DescribeNodeSettings answers them.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    package init() {}

    package func validate() throws {
        guard !(try changes().members.isEmpty) else { throw ValidationError("nothing to set: give --run-as or another setting") }
    }

    package func run() async throws {
        let terminal = Terminal()
        try await connection.withServer { server in
            let node = try await NodeReference.find(self.node, server)
            var input = try changes()
            input["InstanceId"] = .text(node.id)
            let settings = try await server.call(.nightshift("UpdateNodeSettings", input))
            if json { return terminal.line(JSONWriter.pretty(.object(APIText.readable(settings)))) }
            let lines = ShowNode.settingLines(.object(settings)).compactMap { title, text in
                text.flatMap { $0.isEmpty ? nil : "\(title) \($0)" }
            }
            terminal.line("\(node.text): \(lines.isEmpty ? "nothing is set" : lines.joined(separator: ", "))")
        }
    }

    /// The members of UpdateNodeSettings that are to be changed.
    func changes() throws -> JSONObject {
        var changes = JSONObject()
        if let runAs {
            let parts = runAs.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            changes["RunAsUser"] = .text(parts[0])
            // Another user's group is not kept.
            changes["RunAsGroup"] = .text(parts.count == 2 ? parts[1] : "")
        }
        let members: [(JSONString, String?)] = [
            ("Umask", umask), ("Nice", nice), ("MemoryMax", memoryMax), ("CpuQuota", cpuQuota), ("TasksMax", tasksMax),
        ]
        for (name, value) in members { if let value { changes[name] = .text(value) } }
        guard !limits.isEmpty else { return changes }
        var all = JSONObject()
        for limit in limits {
            guard let equals = limit.firstIndex(of: "="), equals > limit.startIndex else {
                throw ValidationError("--limit \(limit): expected NAME=SOFT:HARD, such as nofile=1024:4096")
            }
            all[JSONString(String(limit[..<equals]))] = .text(String(limit[limit.index(after: equals)...]))
        }
        changes["Limits"] = .object(all)
        return changes
    }
}
