import ArgumentParser

/// The one executable: the server, the agent, and the operator's commands.
@main
struct Nightshift: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nightshift",
        abstract: "The enterprise job scheduler that speaks AWS.",
        version: "nightshift \(Version.text)",
        subcommands: [ServerCommand.self])
}
