import ArgumentParser
import JSONCore
import Testing
import TimeSource

@testable import AdminCLI

/// The commands under a root as in the executable.
private struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "nightshift", subcommands: AdminCommands.all)
}

@Suite struct NodeCommandTests {
    private let style = OutputStyle.plain

    @Test func nodesAloneLists() throws {
        #expect(try Root.parseAsRoot(["nodes"]) is ListNodes)
        #expect(try (Root.parseAsRoot(["nodes", "--query", "SELECT *", "--json"]) as? ListNodes)?.query == "SELECT *")
        #expect(try Root.parseAsRoot(["nodes", "show", "web"]) is ShowNode)
    }

    @Test func settingsBecomeMembers() throws {
        let arguments = ["nodes", "set", "web", "--run-as", "batch:jobs", "--nice", "-5", "--limit", "nofile=1:2", "--limit", "core=", "--umask", ""]
        let command = try #require(try Root.parseAsRoot(arguments) as? SetNode)
        #expect(
            try command.changes() == [
                "RunAsUser": "batch", "RunAsGroup": "jobs", "Umask": "", "Nice": "-5", "Limits": ["nofile": "1:2", "core": ""],
            ])
    }

    @Test(arguments: [
        ["nodes", "extra"], ["nodes", "set", "web"], ["nodes", "set", "web", "--limit", "nofile"], ["nodes", "maintenance", "web"],
        ["nodes", "maintenance", "web", "maybe"], ["nodes", "show"], ["nodes", "declare-lost"],
    ])
    func mistakesAreUsageErrors(arguments: [String]) {
        let error = #expect(throws: (any Error).self) { try Root.parseAsRoot(arguments) }
        #expect(error.map { Root.exitCode(for: $0) } == .validationFailure)
    }

    @Test func rowsBecomeATable() {
        let query = NodeQuery(
            fields: ["resourceId", "configuration.AWS:Application.Content.Name", "tags.key", "COUNT(configuration.x)", "nothing"],
            rows: [
                [
                    "resourceId": "mi-1", "COUNT(configuration.x)": 3, "tags": [["key": "a"], ["key": "b"]],
                    "configuration": ["AWS:Application": ["Content": ["curl": ["Name": "curl"], "vim": ["Name": "vim"]]]],
                ],
                ["resourceId": "mi-2", "COUNT(configuration.x)": 0],
            ])
        #expect(
            query.table(style) == [
                "resourceId  configuration.AWS:Application.Content.Name  tags.key  COUNT(configuration.x)  nothing",
                "mi-1        curl, vim                                   a, b      3",
                "mi-2                                                              0",
            ])
    }

    @Test func aStarShowsWhatTheRowsHave() {
        let query = NodeQuery(fields: ["*"], rows: [["resourceId": "mi-1"], ["resourceId": "mi-2", "arn": "x"]])
        #expect(query.table(style) == ["resourceId  arn", "mi-1", "mi-2        x"])
    }

    @Test func aNodeIsShown() {
        let lines = ShowNode.lines(
            [
                "node": ["InstanceId": "mi-1", "PingStatus": "Online", "PlatformName": "Debian", "PlatformVersion": "12"],
                "settings": ["Maintenance": true, "RunAsUser": "batch", "Limits": ["nofile": "64"]],
                "system": [["KernelVersion": "6.1", "CPUs": "4"]], "network": [["Name": "eth0", "IPV4": "10.0.0.1", "IPV6": ""]],
                "running": [["CommandId": "c", "DocumentName": "AWS-RunShellScript", "Comment": "nightly"]], "packages": 7,
            ], now: .epoch)
        #expect(
            lines == [
                "node          mi-1", "status        Online, last seen never", "platform      Debian 12", "kernel        6.1", "processors    4",
                "network       eth0: 10.0.0.1", "packages      7", "maintenance   on: the node takes nothing new", "run as        batch",
                "limits        nofile=64", "running       c AWS-RunShellScript nightly",
            ])
    }
}
