import Glibc
import Synchronization

/// The Python interpreter for `python3.x`: finds it, and sees once whether AWS's Runtime Interface Client is installed there.
final class PythonRuntime: Sendable {
    private enum State {
        case unknown
        case good(path: String)
    }

    private let interpreter: String
    private let searchPath: String
    private let keeper: ProcessKeeper
    private let state = Mutex(State.unknown)

    /// An interpreter given by an absolute path, or by a name to be found on a search path.
    init(interpreter: String, searchPath: String, keeper: ProcessKeeper) {
        self.interpreter = interpreter
        self.searchPath = searchPath
        self.keeper = keeper
    }

    /// The command that runs a handler. A found client is remembered; a missing one is looked for again with the next process, so that
    /// installing it needs no restart.
    func command(handler: String, user: FunctionUser?) async throws(StartFailure) -> RuntimeCommand {
        let path = try await checkedInterpreter(user: user)
        return RuntimeCommand(path: path, arguments: [path, "-m", "awslambdaric", handler])
    }

    /// The interpreter's path, once it is known to have the client.
    func checkedInterpreter(user: FunctionUser?) async throws(StartFailure) -> String {
        if case .good(let path) = state.withLock({ $0 }) { return path }
        guard let path = Self.find(interpreter, in: searchPath) else {
            throw .server(
                message: "the Python interpreter '\(interpreter)' was not found or cannot be executed; "
                    + "install Python 3 or name an interpreter with --python")
        }
        // Looking for the package is a fraction of the work of importing it.
        let probe = "import importlib.util, sys; sys.exit(0 if importlib.util.find_spec('awslambdaric') else 3)"
        let launch = ProcessLaunch(
            path: path, arguments: [path, "-I", "-c", probe], environment: ["PATH=" + searchPath, "LANG=C.UTF-8"],
            workingDirectory: "/", user: user)
        let exit = Latch<ProcessExit>()
        let output = Mutex<[UInt8]>([])
        do {
            _ = try await keeper.start(
                launch, receive: { bytes in output.withLock { $0 = ($0 + bytes).suffix(400) } }, ended: { exit.resolve($0) })
        } catch {
            throw .server(message: "the Python interpreter \(path) cannot be started (\(error)); name another with --python")
        }
        switch await exit.wait() {
        case .status(0):
            state.withLock { $0 = .good(path: path) }
            return path
        case .status(3):
            throw .server(
                message: "the Python interpreter \(path) lacks the package awslambdaric, which runs Python functions; "
                    + "install it with '\(path) -m pip install awslambdaric' or name another interpreter with --python")
        case let other:
            let text = output.withLock { String(decoding: $0, as: UTF8.self) }
            throw .server(message: "the Python interpreter \(path) does not work (\(other.sentence)): \(text)")
        }
    }

    private static func find(_ name: String, in searchPath: String) -> String? {
        let candidates = name.contains("/") ? [name] : searchPath.split(separator: ":").map { "\($0)/\(name)" }
        return candidates.first { $0.hasPrefix("/") && access($0, X_OK) == 0 }
    }
}
