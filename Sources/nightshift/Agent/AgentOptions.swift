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

    @Option(help: "Data directory: identity and spool (default /var/lib/nightshift-agent for root, else ~/.local/share/nightshift-agent).")
    var data: String?

    @Option(name: .customLong("tag"), help: "Tag of this node as KEY=VALUE; may be given several times.")
    var tags: [String] = []

    @Option(help: "User that commands run as (default the agent's own).")
    var user: String?

    @Option(name: .customLong("ca-file"), help: "File with the certificate authorities to trust (PEM), instead of the system's.")
    var certificateAuthorityFile: String?

    @Option(help: "How many commands run side by side (default 12).")
    var capacity: Int?

    @Option(help: "Accepted for the sake of Systems Manager's agent; a Nightshift server knows its region.")
    var region: String?

    @Option(name: .customLong("log-level"), help: "trace, debug, info (default), notice, warning, error or critical.")
    var logLevel: String?

    /// The effective configuration.
    /// - Throws: all that is wrong with it.
    func configuration(version: String) throws -> AgentConfiguration {
        var configuration = AgentConfiguration(
            serverURL: value(server, "SERVER") ?? "http://127.0.0.1:7070",
            dataDirectory: value(data, "DATA") ?? AgentOptions.defaultDirectory)
        configuration.activationID = value(activationID, "ACTIVATION_ID")
        configuration.activationCode = value(activationCode, "ACTIVATION_CODE")
        configuration.tags = try tags.map { tag in
            guard let equals = tag.firstIndex(of: "="), equals != tag.startIndex else {
                throw Problem(description: "--tag \(tag): expected KEY=VALUE")
            }
            return (name: String(tag[..<equals]), value: String(tag[tag.index(after: equals)...]))
        }
        configuration.defaultUser = value(user, "USER")
        configuration.certificateAuthorityFile = value(certificateAuthorityFile, "CA_FILE")
        if let capacity { configuration.capacity = capacity }
        configuration.agentVersion = version
        return try configuration.validated()
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
