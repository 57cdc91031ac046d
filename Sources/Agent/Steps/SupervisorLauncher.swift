import AgentProtocol
import CSpawn
import Glibc

/// Starts `nightshift-run` for an attempt.
struct SupervisorLauncher: Sendable {
    /// Why an order cannot be started on this host: a sentence for the operator.
    struct Refusal: Error, Equatable {
        let message: String
    }

    /// Where jobs were kept together at the start; nil where this agent could have no control groups.
    let controlGroups: ControlGroups?
    private let program: String
    private let configuration: AgentConfiguration
    private let planner: StepPlanner
    private let inherited: [NamedValue]

    /// Finds the supervisor, at the configured path or beside the running executable, and prepares the control groups.
    init(configuration: AgentConfiguration) throws(AgentError) {
        let program = configuration.supervisorPath ?? Self.besideExecutable()
        guard access(program, X_OK) == 0 else { throw .supervisorMissing(program) }
        self.program = program
        self.configuration = configuration
        controlGroups = configuration.controlGroup == AgentConfiguration.noControlGroup
            ? nil : ControlGroups.prepare(parent: configuration.controlGroup, dataDirectory: configuration.dataDirectory)
        planner = StepPlanner(
            defaultUser: configuration.defaultUser, deniesRoot: configuration.deniesRoot, controllers: [],
            searchPath: getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin",
            contentServer: try ContentServer(configuration: configuration, program: Self.ownExecutable()))
        inherited = ["LANG", "LC_ALL", "TZ"].compactMap { name in
            getenv(name).map { NamedValue(name: name, value: String(cString: $0)) }
        }
    }

    /// Starts the supervisor and answers its process id. The attempt is supervised from before this call returns,
    /// until the supervisor ends, whatever happens to this process: the lock goes with it.
    func launch(_ go: CommandGo, in directory: SpoolDirectory) throws(Refusal) -> pid_t {
        let groups = currentControlGroups()
        var planner = planner
        planner.controllers = groups?.controllers ?? []
        let specification = SupervisorSpecification(
            try planner.plan(go), controlGroup: groups?.path(of: go.attempt), configuration: configuration,
            inherited: inherited + [NamedValue(name: LeftoverProcesses.variable, value: directory.path)])
        do throws(SystemError) {
            return try start(specification.bytes, in: directory)
        } catch {
            throw Refusal(message: "the supervisor cannot be started: \(error)")
        }
    }

    /// A service manager may have removed the groups since the start, or made the one that is configured.
    private func currentControlGroups() -> ControlGroups? {
        if let controlGroups, PosixFile.exists(controlGroups.directory) { return controlGroups }
        let isConfigured = configuration.controlGroup.map { $0 != AgentConfiguration.noControlGroup } ?? false
        guard controlGroups != nil || isConfigured else { return nil }
        return ControlGroups.prepare(parent: configuration.controlGroup, dataDirectory: configuration.dataDirectory)
    }

    /// Ends what may still run of an attempt whose supervisor is gone.
    func endLeftovers(of directory: SpoolDirectory) {
        controlGroups?.end(directory.attempt)
        LeftoverProcesses.end(of: directory)
    }

    /// A sentence for the operator when commands run as root and nobody said that they shall.
    var warning: String? {
        guard geteuid() == 0, configuration.defaultUser == nil, !configuration.deniesRoot else { return nil }
        return "commands run as root unless they name a user; --default-user or --deny-root changes that"
    }

    /// Starts the supervisor on a specification.
    func start(_ specification: [UInt8], in directory: SpoolDirectory) throws(SystemError) -> pid_t {
        guard let lock = try directory.takeLock() else { throw SystemError("lock \(directory.path)", code: EWOULDBLOCK) }
        let input = specification.withUnsafeBytes { cspawn_memory_file("specification", $0.baseAddress, $0.count) }
        guard input >= 0 else { throw SystemError("memory file") }
        defer { close(input) }
        let log = open("\(directory.path)/supervisor.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw SystemError("open \(directory.path)/supervisor.log") }
        defer { close(log) }

        var child = cspawn_child()
        var error = cspawn_error()
        let result = withCStrings([program, directory.path]) { arguments in
            program.withCString { path in
                withUnsafePointer(to: lock.number) { lockNumber in
                    var request = cspawn_request()
                    cspawn_request_init(&request)
                    request.path = path
                    request.argv = arguments
                    request.stdin_fd = input
                    request.stderr_fd = log
                    request.extra_fds = lockNumber
                    request.extra_fd_count = 1
                    request.flags = Int32(CSPAWN_SETSID)
                    return cspawn_start(&request, &child, &error)
                }
            }
        }
        guard result == 0 else {
            throw SystemError("\(String(cString: cspawn_stage_name(error.stage))) \(program)", code: error.code)
        }
        if child.pidfd >= 0 { close(child.pidfd) }
        return child.pid
    }

    /// The path of this program; that of its successor when it was replaced while it runs (proc(5): "(deleted)").
    private static func ownExecutable() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = String(decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.hasSuffix(" (deleted)") ? String(path.dropLast(10)) : path
    }

    private static func besideExecutable() -> String {
        let path = ownExecutable()
        return (path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./") + "nightshift-run"
    }
}

/// Calls `body` with a NULL-terminated array of C strings.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    let copies = strings.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("the array has at least its terminator") }
        return body(base)
    }
}
