package import ArgumentParser
import JSONCore

/// `nightshift release`.
package struct ReleaseServer: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Let a restored server act: effects, timers, schedules, deliveries and commands go on.",
        usage: "nightshift release [--json] [SERVER]")

    @Flag(help: "Print JSON: the server as DescribeServer answers it.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    package init() {}

    package func run() async throws {
        let terminal = Terminal()
        try await connection.withServer { server in
            let wasHeld = try await server.call(.nightshift("DescribeServer"))["State"]?.text == "HELD"
            let answer = try await server.call(.nightshift("ReleaseServer"))
            if json { return terminal.line(JSONWriter.pretty(.object(APIText.readable(answer)))) }
            terminal.line(wasHeld ? "released: what was held goes on" : "the server was not held")
        }
    }
}
