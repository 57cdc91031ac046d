import AdminCLI
import ArgumentParser
import Foundation

/// The one executable: the server, the agent, and the operator's commands.
@main
struct Nightshift: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nightshift",
        abstract: "The enterprise job scheduler that speaks AWS.",
        version: "nightshift \(Version.text)",
        subcommands: [ServerCommand.self, AgentCommand.self, RestoreCommand.self, CompatibilityCommand.self],
        groupedSubcommands: [CommandGroup(name: "Operator", subcommands: AdminCommands.all)])

    /// Exit code of a command line that cannot be understood; what was understood and failed ends with 1.
    private static let usageExitCode: Int32 = 2

    /// Runs the command that the arguments name. The argument parser would end usage errors with 64, BSD's `EX_USAGE`.
    static func main() async {
        do {
            var command = try await asyncParseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
            exit(withError: ExitCode(usageExitCode))
        }
    }
}
