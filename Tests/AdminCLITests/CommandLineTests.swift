import ArgumentParser
import Foundation
import Testing

@testable import AdminCLI

/// The commands under a root as in the executable.
private struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "nightshift", subcommands: AdminCommands.all)
}

struct CommandLineTests {
    private let environment = ProcessEnvironment(variables: [:], homeDirectory: "/home/op", isRoot: false)

    @Test func runTakesItsOptions() throws {
        let command = try #require(
            try Root.parseAsRoot(["run", "batch", "--input", "@in.json", "--name", "n1", "-f", "--endpoint", "http://h:1"]) as? RunExecution
        )
        #expect(command.stateMachine == "batch")
        #expect(command.input == "@in.json")
        #expect(command.name == "n1")
        #expect(command.follow)
        #expect(try command.connection.address(environment).description == "http://h:1")
    }

    @Test(arguments: [
        ["run"], ["history"], ["executions", "--status", "LATE"], ["executions", "--limit", "0"], ["tail", "g", "--since", "yesterday"],
        ["validate"], ["nodes", "extra"], ["tail"],
    ])
    func mistakesAreUsageErrors(arguments: [String]) {
        let error = #expect(throws: (any Error).self) { try Root.parseAsRoot(arguments) }
        #expect(error.map { Root.exitCode(for: $0) } == .validationFailure)
    }

    @Test(arguments: ["running", "timed-out", "TIMED_OUT", "Failed"])
    func statusesMayBeWrittenInAnyCase(text: String) {
        #expect(ListExecutions.Status(argument: text) != nil)
    }

    @Test(arguments: [
        ("http://127.0.0.1:7070", "http://127.0.0.1:7070", "127.0.0.1:7070"),
        ("https://night.example/", "https://night.example", "night.example"),
        ("HTTPS://night:443", "https://night", "night"), ("http://[::1]:7070", "http://[::1]:7070", "[::1]:7070"),
    ])
    func addressesOfServers(text: String, description: String, authority: String) {
        #expect(ServerAddress(text)?.description == description)
        #expect(ServerAddress(text)?.authority == authority)
    }

    @Test(arguments: ["localhost:7070", "ftp://x", "http://", "http://x/path", "http://u@x", "http://x:99999", "http://x:", "http://:80"])
    func whatIsNoAddress(text: String) {
        #expect(ServerAddress(text) == nil)
    }

    @Test func theEndpointComesFromTheFlagElseTheEnvironmentElseTheDefault() throws {
        var variables = environment
        #expect(try ConnectionOptions.parse([]).address(variables).description == "http://127.0.0.1:7070")
        variables.variables = ["AWS_ENDPOINT_URL": "http://a", "NIGHTSHIFT_ENDPOINT": "http://n"]
        #expect(try ConnectionOptions.parse([]).address(variables).description == "http://n")
        variables.variables = ["AWS_ENDPOINT_URL": "nonsense"]
        let error = #expect(throws: ValidationError.self) { try ConnectionOptions.parse([]).address(variables) }
        #expect(error?.message == "AWS_ENDPOINT_URL nonsense: expected an address such as http://127.0.0.1:7070, without a path")
    }

    @Test func inputIsJSONAFileOrStandardInput() throws {
        func read(_ path: String) throws(FileProblem) -> [UInt8] {
            switch path {
            case "in.json": return Array("[1]".utf8)
            case "-": return Array("{\n \"a\": }".utf8)
            default: throw .missing
            }
        }
        #expect(try InputArgument.text("{\"a\":1}", read: read) == "{\"a\":1}")
        #expect(try InputArgument.text("@in.json", read: read) == "[1]")
        let problems = ["-", "@other.json", "in.json"].map { argument in
            #expect(throws: ValidationError.self) { try InputArgument.text(argument, read: read) }?.message ?? ""
        }
        #expect(problems[0] == "standard input:2:7: not JSON: unexpected character")
        #expect(problems[1] == "--input: other.json does not exist")
        #expect(problems[2].contains("--input @FILE"))
    }

    /// A change of the help text shows up in review. With NIGHTSHIFT_RECORD_SNAPSHOTS=1 the files are written anew.
    @Test(arguments: AdminCommands.all.map { $0._commandName })
    func helpTexts(name: String) throws {
        let command = try #require(AdminCommands.all.first { $0._commandName == name })
        let text = Root.helpMessage(for: command, columns: 100) + "\n"
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/help/\(name).txt")
        if ProcessInfo.processInfo.environment["NIGHTSHIFT_RECORD_SNAPSHOTS"] == "1" {
            try Data(text.utf8).write(to: file)
        }
        #expect(text == String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }
}
