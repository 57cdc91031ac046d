package import ArgumentParser
import JSONCore

/// `nightshift run`.
package struct RunExecution: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Start an execution of a state machine, and follow it.",
        usage: "nightshift run STATE-MACHINE [--input JSON] [--name NAME] [--follow] [--json] [SERVER]",
        discussion: """
            Prints the execution's ARN. With --follow it shows states as they are entered and left, errors and retries, and what commands \
            and functions write, until the execution has ended: exit code 0 when it SUCCEEDED, else 1. Ctrl-C ends the watching, not the \
            execution.
            """)

    @Argument(help: "The state machine's name or ARN.", completion: .custom(StateMachineCompletion.names))
    package var stateMachine: String

    @Option(help: ArgumentHelp("The execution's input: JSON, @FILE, or - for standard input.", valueName: "json"))
    package var input = "{}"

    @Option(help: "The execution's name, which makes starting it twice harmless. Else the server makes one.")
    package var name: String?

    @Flag(name: .shortAndLong, help: "Show the execution until it has ended.")
    package var follow = false

    @Flag(help: "Print JSON; with --follow one document a line, each with the one member event, output or outcome.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    package init() {}

    package func run() async throws {
        let input = try InputArgument.text(input)
        let terminal = Terminal()
        try await connection.withServer { server in
            var call = APICall.states(
                "StartExecution",
                ["stateMachineArn": .text(try await ReferenceResolver(server).stateMachine(stateMachine)), "input": .text(input)])
            if let name { call.input["name"] = .text(name) }
            let started = try await server.call(call)
            guard let execution = started["executionArn"]?.text else { throw CommandFailure("StartExecution answered no ARN") }
            if json, !follow {
                terminal.line(JSONWriter.text(of: .object(APIText.readable(started))))
            } else if !json {
                terminal.line(execution)
            }
            if follow { try await FollowSession(server: server, execution: execution, isJSON: json).run(terminal) }
        }
    }
}
