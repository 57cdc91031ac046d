import Agent
import ArgumentParser
import Foundation

/// `nightshift agent uninstall`.
struct AgentUninstallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall", abstract: "Undo `nightshift agent install`: stop and disable the service, remove its units and settings.",
        discussion: """
            Running jobs go on, and their results are kept with the identity in the data directory for an agent that is installed later. \
            With --purge they are ended, and the data directory (of the settings, or --data) is deleted. A package's units stay until the package is removed.
            """)

    @Flag(name: .customLong("purge"), help: "End running jobs, and delete identity, spool and settings.")
    var isPurge = false

    /// Those of `nightshift agent`, which takes them before a subcommand can; only --data counts: the directory to purge.
    @OptionGroup(visibility: .hidden) var options: AgentOptions

    @Option(help: "Remove below this directory; no service is stopped.")
    var root: String?

    func run() throws {
        do {
            try uninstall()
        } catch {
            FileHandle.standardError.write(Data("nightshift agent uninstall: \(error)\n".utf8))
            throw ExitCode(1)
        }
    }

    private func uninstall() throws {
        if root == nil, geteuid() != 0 { throw AgentOptions.Problem(description: "only root can remove a service") }
        let dataDirectory = options.data ?? storedDataDirectory ?? "/var/lib/nightshift-agent"
        let isManaged = root == nil && Systemd.isRunning
        if isManaged {
            // A unit that is not there is as good as stopped.
            _ = Systemd.says("disable", "--quiet", AgentUnits.agentName)
            _ = Systemd.says("stop", AgentUnits.agentName)
            if isPurge { _ = Systemd.says("stop", AgentUnits.jobsName) }
        }
        let units = [AgentUnits.agentName, AgentUnits.jobsName].map { "\(AgentInstallation.unitDirectory)/\($0)" }
        let settings = [AgentInstallation.settingsPath, AgentInstallation.activationPath, AgentInstallation.authoritiesPath]
        for path in units + settings { try remove(path) }
        if isPurge { try remove(dataDirectory) }
        if isManaged { try Systemd.run("daemon-reload") }
        print(isPurge ? "removed, with \(place(dataDirectory))" : "removed; identity and spool are kept in \(place(dataDirectory))")
    }

    /// The data directory that the settings name.
    private var storedDataDirectory: String? {
        guard let bytes = FileManager.default.contents(atPath: place(AgentInstallation.settingsPath)) else { return nil }
        let prefix = "NIGHTSHIFT_AGENT_DATA=\""
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(prefix) }
        return line.map { String($0.dropFirst(prefix.count).dropLast()) }
    }

    private func remove(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: place(path)) else { return }
        try FileManager.default.removeItem(atPath: place(path))
    }

    private func place(_ path: String) -> String { AgentInstallation.path(path, below: root) }
}
