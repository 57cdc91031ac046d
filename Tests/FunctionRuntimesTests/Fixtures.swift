import FoundationEssentials
import Glibc
import Logging
import Synchronization
import TimeSource

@testable import FunctionRuntimes

extension FunctionSpecification {
    /// A function with nothing special.
    static func fixture(runtime: String = "provided.al2023", codeDirectory: String = "/code", revision: String = "1")
        -> FunctionSpecification
    {
        FunctionSpecification(
            account: "000000000000", name: "fixture", arn: "arn:aws:lambda:us-east-1:000000000000:function:fixture",
            runtime: runtime, handler: "index.handler", role: "arn:aws:iam::000000000000:role/fixture",
            codeDirectory: codeDirectory, codeSHA256: "", revisionID: revision)
    }
}

/// Collects log lines, and lets tests wait for one.
final class LogCollector: Sendable {
    private struct State {
        var messages: [String] = []
        var streams: Set<String> = []
        var watchers: [(text: String, continuation: CheckedContinuation<String, Never>)] = []
    }
    private let state = Mutex(State())

    var messages: [String] { state.withLock { $0.messages } }
    var streams: Set<String> { state.withLock { $0.streams } }

    func receive(_ batch: FunctionLogBatch) {
        let woken = state.withLock { state -> [(CheckedContinuation<String, Never>, String)] in
            state.streams.insert(batch.logStream)
            state.messages += batch.records.map(\.message)
            var woken: [(CheckedContinuation<String, Never>, String)] = []
            state.watchers.removeAll { watcher in
                guard let message = state.messages.first(where: { $0.contains(watcher.text) }) else { return false }
                woken.append((watcher.continuation, message))
                return true
            }
            return woken
        }
        for (continuation, message) in woken { continuation.resume(returning: message) }
    }

    /// The first message that holds the text, once there is one.
    func message(with text: String) async -> String {
        await withCheckedContinuation { continuation in
            let message = state.withLock { state -> String? in
                if let message = state.messages.first(where: { $0.contains(text) }) { return message }
                state.watchers.append((text, continuation))
                return nil
            }
            if let message { continuation.resume(returning: message) }
        }
    }
}

/// A pool in a directory of its own, which is deleted afterwards.
struct TestPool: Sendable {
    let pool: FunctionPool
    let log: LogCollector
    private let folder: TemporaryDirectory
    let issued = Counter()
    let revoked = Counter()

    /// The folder, which lives as long as this value.
    var directory: String { folder.path }

    /// Counts calls.
    final class Counter: Sendable {
        private let state = Mutex(0)
        var value: Int { state.withLock { $0 } }
        func count() -> Int {
            state.withLock {
                $0 += 1
                return $0
            }
        }
    }

    init(clock: any ClockSource, adjust: (inout FunctionPoolConfiguration) -> Void) throws {
        folder = try TemporaryDirectory()
        let directory = folder.path
        let (log, issued, revoked) = (LogCollector(), issued, revoked)
        self.log = log
        var configuration = FunctionPoolConfiguration(
            endpointURL: "http://127.0.0.1:7070", directory: directory + "/functions",
            serverEnvironment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
        adjust(&configuration)
        pool = try FunctionPool(
            configuration: configuration,
            dependencies: FunctionPoolDependencies(
                clock: clock, identifiers: IdentifierSource(clock: clock, random: SystemRandomSource()),
                credentials: FunctionCredentialsProvider(
                    issue: { _ in FunctionCredentials(accessKeyID: "ASIA\(issued.count())", secretAccessKey: "s", sessionToken: "t") },
                    revoke: { _ in _ = revoked.count() }),
                logSink: { log.receive($0) }, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
    }

    /// Runs `body` while the pool runs; then ends the pool and everything it started.
    static func run(
        clock: any ClockSource = LiveClock(), adjust: (inout FunctionPoolConfiguration) -> Void = { _ in },
        _ body: (TestPool) async throws -> Void
    ) async throws {
        let test = try TestPool(clock: clock, adjust: adjust)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await test.pool.run() }
            try await body(test)
            group.cancelAll()
            try await group.waitForAll()
        }
        let scratch = try FileManager.default.contentsOfDirectory(atPath: test.directory + "/functions/scratch")
        let records = try FileManager.default.contentsOfDirectory(atPath: test.directory + "/functions/processes")
        guard scratch.isEmpty, records.isEmpty, test.issued.value == test.revoked.value, test.pool.statistics.processes == 0 else {
            throw LeftOver(what: "\(scratch) \(records) \(test.issued.value) \(test.revoked.value)")
        }
    }

    /// Something that a pool should have taken with it.
    struct LeftOver: Error { var what: String }

    /// Writes code into a folder of its own and returns a function with it.
    func function(_ file: String, _ text: String, runtime: String = "provided.al2023", mode: mode_t = 0o755) throws -> FunctionSpecification
    {
        let code = directory + "/code-" + String(text.hashValue, radix: 16)
        try FileManager.default.createDirectory(atPath: code, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: code + "/" + file))
        chmod(code + "/" + file, mode)
        return .fixture(runtime: runtime, codeDirectory: code)
    }

    /// Invokes with JSON text.
    func invoke(_ specification: FunctionSpecification, _ payload: String, id: String = "request-1") async -> InvocationResult {
        await pool.invoke(specification, FunctionInvocation(requestID: id, payload: Array(payload.utf8)))
    }
}

/// A folder that is deleted with its last reference.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/nightshift-functions-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestPool.LeftOver(what: "no temporary directory") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension InvocationResult {
    /// The payload as text.
    var text: String { String(decoding: outcome.payload ?? [], as: UTF8.self) }
    /// The log's end as text.
    var tail: String { String(decoding: logTail, as: UTF8.self) }
}
