import Agent
import ArgumentParser
import Foundation
import Logging

/// The flags of `nightshift agent`. Each may also come from the environment as `NIGHTSHIFT_AGENT_` and its name in capitals, so that an
/// activation code need not stand in the process list.
struct AgentOptions: ParsableArguments {
    /// What is wrong with a flag.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    @Option(help: "The server's URL (default http://127.0.0.1:7070).")
    var server: String?

    @Option(name: .customLong("activation-id"), help: "Activation to enrol with; ignored once this host is enrolled.")
    var activationID: String?

    @Option(name: .customLong("activation-code"), help: "Code of the activation.")
    var activationCode: String?

    @Option(
        name: .customLong("activation-file"),
        help: "File with the id and the code of an activation, instead of the two flags; erased once this host is enrolled.")
    var activationFile: String?

    @Option(help: "Data directory: identity and spool (default /var/lib/nightshift-agent for root, else ~/.local/share/nightshift-agent).")
    var data: String?

    @Option(name: .customLong("tag"), help: "Tag of this node as KEY=VALUE; may be given several times.")
    var tags: [String] = []

    @Option(name: [.customLong("default-user"), .customLong("user")], help: "User that commands run as (default the agent's own).")
    var user: String?

    @Flag(name: .customLong("deny-root"), help: "Refuse commands that would run as root.")
    var deniesRoot = false

    @Option(name: .customLong("ca-file"), help: "File with the certificate authorities to trust (PEM), instead of the system's.")
    var certificateAuthorityFile: String?

    @Option(
        name: .customLong("control-group"),
        help: "Control group (cgroup v2) below which each command gets one of its own (default one that the agent finds); none does without.")
    var controlGroup: String?

    @Flag(help: "Speak to a server on another host without TLS: anyone on the way can read commands and their secrets.")
    var insecure = false

    @Option(
        name: .customLong("key-rotation-days"), help: "After how many days the agent replaces its key (default 30; 0 for never).")
    var keyRotationDays: Int?

    @Option(help: "How many commands run side by side (default 12).")
    var capacity: Int?

    @Option(help: "Accepted for the sake of Systems Manager's agent; a Nightshift server knows its region.")
    var region: String?

    @Option(name: .customLong("log-level"), help: "trace, debug, info (default), notice, warning, error or critical.")
    var logLevel: String?

    /// The data directory: the flag's, the environment's, or the default.
    var dataDirectory: String { value(data, "DATA") ?? AgentOptions.defaultDirectory }

    /// The effective configuration.
    /// - Throws: all that is wrong with it.
    func configuration(version: String) throws -> AgentConfiguration {
        var configuration = AgentConfiguration(
            serverURL: value(server, "SERVER") ?? "http://127.0.0.1:7070",
            dataDirectory: dataDirectory)
        configuration.activationID = value(activationID, "ACTIVATION_ID")
        configuration.activationCode = value(activationCode, "ACTIVATION_CODE")
        if let path = value(activationFile, "ACTIVATION_FILE") {
            let file = ActivationFile(path: path)
            configuration.activationFile = file
            if configuration.activationID == nil, let activation = try file.read() {
                (configuration.activationID, configuration.activationCode) = activation
            }
        }
        configuration.tags = try nodeTags()
        configuration.defaultUser = value(user, "DEFAULT_USER") ?? value(nil, "USER")
        configuration.deniesRoot = deniesRoot || value(nil, "DENY_ROOT") != nil
        configuration.controlGroup = value(controlGroup, "CONTROL_GROUP")
        configuration.certificateAuthorityFile = value(certificateAuthorityFile, "CA_FILE")
        if let text = value(capacity.map(String.init), "CAPACITY") {
            guard let number = Int(text) else { throw Problem(description: "--capacity \(text): expected a number") }
            configuration.capacity = number
        }
        configuration.isInsecure = insecure || value(nil, "INSECURE") != nil
        if let text = value(keyRotationDays.map(String.init), "KEY_ROTATION_DAYS") {
            guard let days = Int(text), (0...36_500).contains(days) else {
                throw Problem(description: "--key-rotation-days \(text): expected a number of days")
            }
            configuration.keyRotation = days == 0 ? nil : .seconds(days * 86_400)
        }
        configuration.agentVersion = version
        return try configuration.validated()
    }

    /// The tags of the flags, else those of the environment between commas, which no tag may contain.
    private func nodeTags() throws -> [(name: String, value: String)] {
        let texts = tags.isEmpty ? (value(nil, "TAGS") ?? "").split(separator: ",").map(String.init) : tags
        return try texts.map { tag in
            guard let equals = tag.firstIndex(of: "="), equals != tag.startIndex else {
                throw Problem(description: "--tag \(tag): expected KEY=VALUE")
            }
            return (name: String(tag[..<equals]), value: String(tag[tag.index(after: equals)...]))
        }
    }

    /// How much is logged.
    func level() throws -> Logger.Level {
        let text = value(logLevel, "LOG_LEVEL") ?? "info"
        guard let level = Logger.Level(rawValue: text) else {
            throw Problem(description: "--log-level \(text): no such level")
        }
        return level
    }

    private func value(_ flag: String?, _ name: String) -> String? {
        if let flag { return flag }
        guard let text = ProcessInfo.processInfo.environment["NIGHTSHIFT_AGENT_" + name], !text.isEmpty else { return nil }
        return text
    }

    private static var defaultDirectory: String {
        geteuid() == 0
            ? "/var/lib/nightshift-agent"
            : FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".local/share/nightshift-agent").path
    }
}
