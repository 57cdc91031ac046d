import Agent
import ArgumentParser
import Foundation

/// `nightshift agent install`.
struct AgentInstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Set the agent up as a systemd service: write its settings and units, enable and start it.",
        discussion: """
            Takes the flags of `nightshift agent`. May be run again: with other flags it changes the settings and restarts the agent; \
            running jobs go on. The activation is kept in a file of its own until this host is enrolled, then erased.
            """)

    /// How long to wait for the agent to enrol before saying so.
    private static let patience = 30

    @OptionGroup var options: AgentOptions

    @Flag(name: .customLong("print"), help: "Show what would be written, the activation hidden, and change nothing.")
    var isDryRun = false

    @Flag(name: .customLong("no-start"), help: "Write the files; neither enable nor start the service.")
    var isWithoutStart = false

    @Option(help: "Write below this directory, for an image that is being built; implies --no-start.")
    var root: String?

    @Option(help: "The program that the unit starts (default this one).")
    var program: String?

    @Option(name: .customLong("unit-directory"), help: ArgumentHelp("Where the units go.", visibility: .hidden))
    var unitDirectory: String?

    @Flag(name: .customLong("only-units"), help: ArgumentHelp("Write the units alone, as a package holds them.", visibility: .hidden))
    var isOnlyUnits = false

    func run() async throws {
        let plan: AgentInstallation
        let files: [AgentInstallation.File]
        do {
            plan = try installation()
            files = try isOnlyUnits ? plan.unitFiles : plan.files()
        } catch {
            throw ValidationError("\(error)")
        }
        if isDryRun { return show(files) }
        do {
            try await install(files, of: plan)
        } catch {
            FileHandle.standardError.write(Data("nightshift agent install: \(error)\n".utf8))
            throw ExitCode(1)
        }
    }

    /// What is to be written, checked.
    private func installation() throws -> AgentInstallation {
        _ = try options.level()
        let agent = try options.configuration(version: Version.text)
        if !agent.dataDirectory.hasPrefix("/") {
            throw AgentOptions.Problem(description: "--data \(agent.dataDirectory): a service needs an absolute path")
        }
        if root == nil, let user = agent.defaultUser, getpwnam(user) == nil {
            throw AgentOptions.Problem(description: "--user \(user): there is no such user on this host")
        }
        let executable = try program ?? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let isPackaged = unitDirectory == nil
            && FileManager.default.fileExists(atPath: path("\(AgentInstallation.packagedUnitDirectory)/\(AgentUnits.agentName)"))
        return AgentInstallation(
            configuration: agent, logLevel: options.logLevel, keyRotationDays: options.keyRotationDays, program: executable,
            authorities: try agent.certificateAuthorityFile.map(authorities),
            unitDirectory: isPackaged ? nil : unitDirectory ?? AgentInstallation.unitDirectory)
    }

    /// The certificates of a file.
    private func authorities(_ file: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw AgentOptions.Problem(description: "--ca-file \(file): cannot be read")
        }
        let text = String(decoding: data, as: UTF8.self)
        guard text.contains("-----BEGIN CERTIFICATE-----") else {
            throw AgentOptions.Problem(description: "--ca-file \(file): no certificate in it (expected PEM)")
        }
        return text
    }

    private func show(_ files: [AgentInstallation.File]) {
        for file in files {
            print("# \(path(file.path)), mode \(String(file.mode, radix: 8))")
            print(file.isSecret ? "(the activation)\n" : file.text)
        }
    }

    private func install(_ files: [AgentInstallation.File], of plan: AgentInstallation) async throws {
        let starts = root == nil && !isWithoutStart
        if root == nil {
            guard geteuid() == 0 else { throw AgentOptions.Problem(description: "only root can install a service; --print shows what it would be") }
        }
        if starts, !Systemd.isRunning {
            throw AgentOptions.Problem(
                description: """
                    systemd does not run here. --print shows the units and the settings; with another service manager run \
                    `\(plan.program) agent` with these settings, restarted when it ends, and have only that process stopped, not its children.
                    """)
        }
        let data = path(plan.configuration.dataDirectory)
        let enrolled = AgentIdentity.storedInstanceID(in: data)
        if enrolled == nil, plan.configuration.activationID == nil, !isOnlyUnits {
            throw AgentError.activationMissing
        }
        for file in files { try write(file) }
        print("written: \(files.map { path($0.path) }.joined(separator: ", "))")
        if let enrolled, plan.configuration.activationID != nil {
            print("This host is enrolled already, as \(enrolled): the activation is not used.")
        }
        if starts { try await start(data) }
    }

    /// Writes a file beside its place, then puts it there, so that a crash leaves the old one or the new one.
    private func write(_ file: AgentInstallation.File) throws {
        let place = URL(fileURLWithPath: path(file.path))
        try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        let temporary = place.path + ".new"
        // Created with its mode: a secret is at no time readable by others.
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(file.mode))
        guard descriptor >= 0 else { throw Systemd.Failure(description: "\(temporary): \(String(cString: strerror(errno)))") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: Data(file.text.utf8))
        try handle.synchronize()
        guard rename(temporary, place.path) == 0 else {
            throw Systemd.Failure(description: "\(place.path): \(String(cString: strerror(errno)))")
        }
    }

    private func start(_ data: String) async throws {
        try Systemd.run("daemon-reload")
        try Systemd.run("enable", "--quiet", AgentUnits.agentName)
        // An agent that ended for good is allowed to try again.
        _ = Systemd.says("reset-failed", AgentUnits.agentName)
        try Systemd.run("restart", AgentUnits.agentName)
        for _ in 0..<Self.patience {
            if let instance = AgentIdentity.storedInstanceID(in: data) {
                print("\(AgentUnits.agentName) runs; this host is \(instance)")
                return
            }
            if Systemd.says("is-failed", "--quiet", AgentUnits.agentName) {
                throw Systemd.Failure(description: "the agent ended; see journalctl -u \(AgentUnits.agentName)")
            }
            try await Task.sleep(for: .seconds(1))
        }
        print("\(AgentUnits.agentName) runs and is not enrolled yet: see journalctl -u \(AgentUnits.agentName)")
    }

    /// A path below the root.
    private func path(_ path: String) -> String { AgentInstallation.path(path, below: root) }
}
