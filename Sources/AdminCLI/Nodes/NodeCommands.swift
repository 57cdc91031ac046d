package import ArgumentParser

/// `nightshift nodes`, which lists them when nothing else is asked for.
package struct NodeCommands: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "nodes", abstract: "List the hosts that run commands, query what is known of them, and look after single ones.",
        subcommands: [ListNodes.self, ShowNode.self, SetNode.self, SetNodeMaintenance.self, DeclareNodeLost.self],
        defaultSubcommand: ListNodes.self)

    package init() {}
}
