import AgentProtocol
import Glibc

/// The control groups (cgroup v2) of this agent's attempts: `PARENT/nightshift/AGENT/COMMAND-ID.ATTEMPT`.
///
/// Everything that a job starts is in its group, whatever session or parent it gave itself, so that the whole can be limited and ended at
/// once. The supervisor makes and removes the group of its attempt; the agent makes what is above it and clears up after supervisors that
/// died. The agent and the supervisors are in none of these groups: they stay where the host has put them.
struct ControlGroups: Sendable {
    /// What can be limited, by the kernel's word for it.
    enum Controller: String, CaseIterable, Sendable {
        case cpu
        case memory
        case pids
    }

    /// The directory of this agent's attempts.
    let directory: String
    /// What the kernel lets this agent limit there.
    let controllers: Set<Controller>

    /// Makes the groups above the attempts. nil where there is no hierarchy that this agent may write to.
    ///
    /// - Parameters:
    ///   - parent: an existing group to make them in. Without one it is the first of these that can be written: the root of
    ///     the hierarchy (an agent that runs as root), the group around the agent's own, the agent's own. Controllers cannot be handed down
    ///     from a group that has processes, so in the last one there are no limits; and the agent does not leave its own group to change
    ///     that, for a service manager could not start it there again while jobs of the last one run.
    ///   - dataDirectory: tells agents on one host apart.
    static func prepare(parent: String?, dataDirectory: String) -> ControlGroups? {
        let name = String(Array(dataDirectory.utf8).withUnsafeBytes { Crc32.checksum($0) }, radix: 16)
        for parent in parent.map({ [$0] }) ?? candidates() {
            let shared = "\(parent)/nightshift"
            let directory = "\(shared)/\(name)"
            guard make(shared), make(directory), access("\(directory)/cgroup.procs", W_OK) == 0 else { continue }
            // From the top, for a group can only hand down what it was given.
            for group in [parent, shared, directory] {
                for controller in Controller.allCases { write("+\(controller.rawValue)", to: "\(group)/cgroup.subtree_control") }
            }
            let given = words("\(directory)/cgroup.subtree_control").compactMap { Controller(rawValue: $0) }
            return ControlGroups(directory: directory, controllers: Set(given))
        }
        return nil
    }

    /// The group of an attempt, which its supervisor makes.
    func path(of attempt: AttemptID) -> String { "\(directory)/\(attempt)" }

    /// Ends everything that is left of an attempt whose supervisor is gone.
    func end(_ attempt: AttemptID) {
        Self.write("1", to: "\(path(of: attempt))/cgroup.kill")
        rmdir(path(of: attempt))
    }

    /// Removes the groups of attempts that have no supervisor, as far as nothing is in them: what an ended job left running may run on.
    func removeLeftovers(spool: String) {
        for name in PosixFile.list(directory) {
            guard let attempt = AttemptID(name), !SpoolDirectory(attempt: attempt, spool: spool).isSupervised() else { continue }
            rmdir(path(of: attempt))
        }
    }

    /// Removes the directory of this agent, if nothing runs in it.
    func removeWhenEmpty() { rmdir(directory) }

    // MARK: - The hierarchy

    private static func candidates() -> [String] {
        guard let mount = mountPoint() else { return [] }
        let own = words("/proc/self/cgroup", separator: "\n").first { $0.hasPrefix("0::/") }.map { String($0.dropFirst(3)) } ?? "/"
        guard own != "/", let slash = own.lastIndex(of: "/") else { return [mount] }
        return [mount, mount + own[..<slash], mount + own]
    }

    /// Where cgroup v2 is mounted: proc_pid_mountinfo(5), the type is the word after the hyphen, the place the fifth of all.
    private static func mountPoint() -> String? {
        for line in words("/proc/self/mountinfo", separator: "\n") {
            let fields = line.split(separator: " ")
            guard let hyphen = fields.firstIndex(of: "-"), fields.count > hyphen + 1, fields[hyphen + 1] == "cgroup2" else { continue }
            return String(fields[4])
        }
        return nil
    }

    private static func make(_ directory: String) -> Bool { mkdir(directory, 0o755) == 0 || errno == EEXIST }

    /// Best effort: what came of it is read afterwards.
    private static func write(_ text: String, to path: String) {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        _ = text.withCString { Glibc.write(file, $0, strlen($0)) }
    }

    private static func words(_ path: String, separator: Character? = nil) -> [String] {
        let text = String(decoding: ((try? PosixFile.read(path)) ?? nil) ?? [], as: UTF8.self)
        return text.split { $0 == (separator ?? " ") || $0 == "\n" }.map(String.init)
    }
}
