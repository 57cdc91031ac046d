import CSpawn
import Glibc

/// A program with its arguments, found on PATH once.
struct WorkerCommand: Sendable {
    /// Its absolute path.
    let path: String
    /// Its arguments, its name as it was given first.
    let arguments: [String]

    /// Finds the program as a shell does.
    /// - Throws: `CommandFailure` when there is none that can be run.
    init(_ words: [String], environment: [String: String]) throws {
        guard let name = words.first else { throw CommandFailure("no command was given") }
        arguments = words
        if name.contains("/") {
            guard let real = realpath(name, nil) else { throw WorkerCommand.missing(name, String(cString: strerror(errno))) }
            defer { free(real) }
            path = name.hasPrefix("/") ? name : String(cString: real)
            guard access(path, X_OK) == 0 else { throw WorkerCommand.missing(name, String(cString: strerror(errno))) }
        } else {
            let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map(String.init)
            guard let found = folders.map({ $0 + "/" + name }).first(where: WorkerCommand.isProgram) else {
                throw WorkerCommand.missing(name, "it is in no folder of PATH")
            }
            path = found
        }
    }

    /// Starts it in a session of its own on the calling thread, with whose end it is killed: a worker that dies must not leave a command
    /// behind that runs beside the next receive of the same message.
    func start(environment: [String: String], input: Int32, output: Int32, errors: Int32) throws(LaunchProblem) -> (
        pid: pid_t, pidfd: Int32
    ) {
        var request = cspawn_request()
        cspawn_request_init(&request)
        request.stdin_fd = input
        request.stdout_fd = output
        request.stderr_fd = errors
        request.flags = Int32(CSPAWN_SETSID | CSPAWN_DIE_WITH_PARENT)
        var child = cspawn_child()
        var problem = cspawn_error()
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let result = WorkerCommand.withCStrings(arguments) { arguments in
            WorkerCommand.withCStrings(variables) { variables in
                path.withCString { path in
                    request.path = path
                    request.argv = arguments
                    request.envp = variables
                    return cspawn_start(&request, &child, &problem)
                }
            }
        }
        guard result == 0 else { throw LaunchProblem(stage: String(cString: cspawn_stage_name(problem.stage)), code: problem.code) }
        return (child.pid, child.pidfd)
    }

    private static func isProgram(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }

    private static func missing(_ name: String, _ reason: String) -> CommandFailure {
        CommandFailure(
            "cannot run \(name): \(reason)", advice: "The command stands behind `--`: nightshift worker --queue NAME -- COMMAND ARGS…")
    }

    /// Calls `body` with a NULL-terminated array of C strings.
    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let copies: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("the array holds at least its terminator") }
            return body(base)
        }
    }
}
