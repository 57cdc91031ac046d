import Agent
import Foundation

/// What `nightshift agent install` writes: a plan of files, decided before the first is written.
struct AgentInstallation {
    /// A file to write.
    struct File: Equatable {
        /// Where, below the root.
        let path: String
        let mode: Int
        let text: String
        /// True when its text must not be shown.
        var isSecret = false
    }

    /// The settings, as systemd's `EnvironmentFile`.
    static let settingsPath = "/etc/nightshift/agent.env"
    /// Id and code of the activation, until the agent has enrolled and erases it.
    static let activationPath = "/etc/nightshift/agent.activation"
    /// The certificate authorities to trust, copied so that the original may go.
    static let authoritiesPath = "/etc/nightshift/agent-ca.pem"
    /// Where units of the administrator go.
    static let unitDirectory = "/etc/systemd/system"
    /// Where a package's units are.
    static let packagedUnitDirectory = "/lib/systemd/system"

    let configuration: AgentConfiguration
    /// The value of `--log-level`, nil for the default.
    let logLevel: String?
    /// The value of `--key-rotation-days`, nil for the default.
    let keyRotationDays: Int?
    /// The program that the unit starts.
    let program: String
    /// The content of `--ca-file`.
    let authorities: String?
    /// Where the units go; nil when a package has brought them.
    let unitDirectory: String?

    /// A path below a root, such as an image's; nil for this host's own.
    static func path(_ path: String, below root: String?) -> String {
        guard let root else { return path }
        return (root.hasSuffix("/") ? String(root.dropLast()) : root) + path
    }

    /// All files, in the order in which they are to be written: the units last.
    func files() throws -> [File] {
        try configurationFiles() + unitFiles
    }

    /// The units alone, as a package holds them.
    var unitFiles: [File] {
        guard let unitDirectory else { return [] }
        return [
            File(
                path: "\(unitDirectory)/\(AgentUnits.jobsName)", mode: 0o644,
                text: AgentUnits.jobs(program: program, settingsPath: Self.settingsPath)),
            File(
                path: "\(unitDirectory)/\(AgentUnits.agentName)", mode: 0o644,
                text: AgentUnits.agent(program: program, settingsPath: Self.settingsPath)),
        ]
    }

    private func configurationFiles() throws -> [File] {
        var files = [File(path: Self.settingsPath, mode: 0o600, text: try settings())]
        if let authorities { files.append(File(path: Self.authoritiesPath, mode: 0o644, text: authorities)) }
        if let id = configuration.activationID, let code = configuration.activationCode {
            files.append(File(path: Self.activationPath, mode: 0o600, text: "\(id) \(code)\n", isSecret: true))
        }
        return files
    }

    /// The environment that `AgentOptions` reads.
    private func settings() throws -> String {
        var lines = [
            "# The settings of nightshift-agent.service: each is a flag of `nightshift agent`. Restart the unit after a change.",
            try line("SERVER", configuration.serverURL),
            try line("DATA", configuration.dataDirectory),
            try line("ACTIVATION_FILE", Self.activationPath),
        ]
        if authorities != nil { lines.append(try line("CA_FILE", Self.authoritiesPath)) }
        if let user = configuration.defaultUser { lines.append(try line("DEFAULT_USER", user)) }
        if configuration.deniesRoot { lines.append(try line("DENY_ROOT", "yes")) }
        if configuration.isInsecure { lines.append(try line("INSECURE", "yes")) }
        if let controlGroup = configuration.controlGroup { lines.append(try line("CONTROL_GROUP", controlGroup)) }
        if let keyRotationDays { lines.append(try line("KEY_ROTATION_DAYS", String(keyRotationDays))) }
        if configuration.capacity != AgentConfiguration.defaultCapacity {
            lines.append(try line("CAPACITY", String(configuration.capacity)))
        }
        if !configuration.tags.isEmpty {
            lines.append(try line("TAGS", configuration.tags.map { "\($0.name)=\($0.value)" }.joined(separator: ",")))
        }
        if let logLevel { lines.append(try line("LOG_LEVEL", logLevel)) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A line as systemd.exec(5) reads it under `EnvironmentFile=`: in double quotes `\`, `"`, `` ` `` and `$` are escaped.
    private func line(_ name: String, _ value: String) throws -> String {
        guard !value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw AgentOptions.Problem(description: "\(name): control characters cannot be stored")
        }
        let escaped = value.reduce(into: "") { text, character in
            if "\\\"`$".contains(character) { text.append("\\") }
            text.append(character)
        }
        return "NIGHTSHIFT_AGENT_\(name)=\"\(escaped)\""
    }
}
