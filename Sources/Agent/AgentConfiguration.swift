import Glibc

/// What an agent needs to know. The defaults are those of `nightshift agent`.
package struct AgentConfiguration: Sendable {
    /// Where the server listens, such as `https://nightshift.example:7070`.
    package var serverURL: String
    /// The activation to enrol with; ignored once the data directory holds an identity.
    package var activationID: String?
    package var activationCode: String?
    /// Where the activation was read from; erased once this host is enrolled.
    package var activationFile: ActivationFile?
    /// Identity, incarnation and spool. Created with its parents, mode 0700; one agent at a time holds it.
    package var dataDirectory: String
    /// Tags of the node, told at each session.
    package var tags: [(name: String, value: String)] = []
    /// Certificate authorities (PEM) to trust instead of the system's.
    package var certificateAuthorityFile: String?
    /// The supervisor; nil finds `nightshift-run` beside the running executable.
    package var supervisorPath: String?
    /// Whether a server that is not on this host may be spoken to without TLS: then anyone on the way reads commands and their secrets.
    package var isInsecure = false
    /// After how long the agent replaces its key; nil for never.
    package var keyRotation: Duration? = .seconds(30 * 86_400)
    /// How often the host's inventory is looked at after the first time.
    package var inventoryInterval: Duration = .seconds(30 * 60)
    /// The first look of a session comes up to so much after its beginning, so that a thousand agents do not tell all at once.
    package var inventoryDelay: Duration = .seconds(5)
    /// How many commands run side by side; further offers wait.
    package var capacity = Self.defaultCapacity
    /// The capacity unless one is given.
    package static let defaultCapacity = 12
    /// The user that commands run as unless they name one; nil is the agent's own.
    package var defaultUser: String?
    /// Refuses commands that would run as root.
    package var deniesRoot = false
    /// The control group (cgroup v2) below which commands run: a path, nil for one that the agent finds, or `noControlGroup`.
    package var controlGroup: String?
    /// Does without control groups.
    package static let noControlGroup = "none"
    /// How many bytes of output one attempt may keep in the spool before its job has to wait.
    package var spoolQuotaBytes = 64 * 1024 * 1024
    /// Size at which a segment of output is closed, so that it can be deleted once acknowledged.
    package var segmentBytes = 1024 * 1024
    /// Between SIGTERM and SIGKILL of a command that is stopped.
    package var terminationGrace: Duration = .seconds(5)
    /// Between attempts to reach the server: from the first to the last of these, doubled each time, with jitter.
    package var reconnectDelay: ClosedRange<Duration> = .milliseconds(100) ... .seconds(2)
    /// How often the spool of running commands is looked at where its changes cannot be noticed.
    package var spoolInterval: Duration = .milliseconds(25)
    /// The version that the agent reports.
    package var agentVersion = "0.1.0"

    /// A configuration with the defaults.
    package init(serverURL: String, dataDirectory: String) {
        self.serverURL = serverURL
        self.dataDirectory = dataDirectory
    }

    /// This configuration, or all that is wrong with it.
    package func validated() throws(AgentConfigurationError) -> AgentConfiguration {
        var problems: [String] = []
        if !serverURL.hasPrefix("http://"), !serverURL.hasPrefix("https://") {
            problems.append("the server's URL must begin with http:// or https://")
        }
        if serverURL.hasPrefix("http://"), !isInsecure, !Self.isLoopback(serverURL) {
            problems.append("a server on another host is spoken to by https:// only; --insecure allows http://")
        }
        if dataDirectory.isEmpty { problems.append("the data directory is missing") }
        if (activationID == nil) != (activationCode == nil) {
            problems.append("an activation needs both its id and its code")
        }
        if !(1...1000).contains(capacity) { problems.append("the number of commands side by side must be 1 to 1000") }
        if let controlGroup, controlGroup != Self.noControlGroup, !controlGroup.hasPrefix("/") {
            problems.append("a control group is an absolute path, or none")
        }
        if spoolQuotaBytes < 1024 * 1024 { problems.append("the spool's quota must be at least 1 MiB") }
        if segmentBytes < 64 * 1024 { problems.append("a segment must be at least 64 KiB") }
        if reconnectDelay.lowerBound <= .zero { problems.append("the reconnect delay must be positive") }
        if tags.contains(where: { $0.name.isEmpty }) { problems.append("a tag needs a key") }
        if Set(tags.map(\.name)).count != tags.count { problems.append("a tag key may be given once") }
        guard problems.isEmpty else { throw AgentConfigurationError(problems: problems) }
        return self
    }

    /// The server's URL without slashes at its end.
    var baseURL: String {
        var url = serverURL[...]
        while url.hasSuffix("/") { url.removeLast() }
        return String(url)
    }

    /// The text of the certificate authorities to trust instead of the system's; nil for those.
    func authorities() throws(AgentError) -> [UInt8]? {
        guard let file = certificateAuthorityFile else { return nil }
        do throws(SystemError) {
            guard let bytes = try PosixFile.read(file) else { throw SystemError("open \(file)", code: ENOENT) }
            return bytes
        } catch {
            throw .storage(error)
        }
    }

    /// Whether a URL names this host's loopback by `localhost` or by address. Other names may mean anything.
    static func isLoopback(_ url: String) -> Bool {
        let authority = url.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // What is before an "@" is no host.
        guard !authority.contains("@") else { return false }
        if authority.hasPrefix("[") { return authority.prefix { $0 != "]" } == "[::1" }
        let host = authority.prefix { $0 != ":" }
        if host == "localhost" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// All that is wrong with a configuration, a sentence each.
package struct AgentConfigurationError: Error, Equatable, CustomStringConvertible {
    package let problems: [String]

    package var description: String { problems.joined(separator: "; ") }
}
