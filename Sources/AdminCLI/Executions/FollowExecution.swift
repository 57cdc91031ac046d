package import ArgumentParser

/// `nightshift follow`.
package struct FollowExecution: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "follow", abstract: "Show an execution from its beginning until it has ended.",
        usage: "nightshift follow EXECUTION [--json] [SERVER]",
        discussion: "As `nightshift run --follow` does, for an execution that was started before. Exit code 0 when it SUCCEEDED, else 1.")

    @Argument(help: "The execution: its ARN, or STATE-MACHINE:NAME.")
    package var execution: String

    @Flag(help: "Print JSON, one document a line, each with the one member event, output or outcome.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    package init() {}

    package func run() async throws {
        try await connection.withServer { server in
            let arn = try await ReferenceResolver(server).execution(execution)
            try await FollowSession(server: server, execution: arn, isJSON: json).run(Terminal())
        }
    }
}
