import AgentProtocol
import Glibc
import Testing

@testable import Agent

/// `nightshift-run` itself: one attempt at a time, without agent or server.
struct SupervisedRun {
    let root: TemporaryDirectory
    var quota = 64 << 20
    var grace: Duration = .milliseconds(200)
    var defaultUser: String?
    var deniesRoot = false
    /// The parent of the control groups; none unless a test brings one.
    var controlGroup = AgentConfiguration.noControlGroup

    /// What the spool says after the end.
    struct Result {
        let outcome: AttemptOutcome?
        let directory: SpoolDirectory
        let chunks: [OutputChunk]

        func output(_ kind: OutputStream.Kind = .stdout, _ step: Int = 0) -> String {
            String(decoding: chunks.filter { $0.stream == OutputStream(step: step, kind: kind) }.flatMap(\.bytes), as: UTF8.self)
        }

        var steps: [AttemptOutcome.Step] { outcome?.steps ?? [] }
    }

    init(_ root: TemporaryDirectory) { self.root = root }

    var configuration: AgentConfiguration {
        var configuration = AgentConfiguration(serverURL: "http://x", dataDirectory: root.path)
        configuration.spoolQuotaBytes = quota
        configuration.terminationGrace = grace
        configuration.defaultUser = defaultUser
        configuration.deniesRoot = deniesRoot
        configuration.controlGroup = controlGroup
        return configuration
    }

    /// Runs steps to their end.
    func callAsFunction(
        _ steps: [PluginStep], runAs: RunAs? = nil, during: (SpoolDirectory) throws -> Void = { _ in }
    ) throws -> Result {
        let directory = SpoolDirectory(attempt: try #require(AttemptID("c.1")), spool: root.path)
        try PosixFile.makeDirectory(directory.path)
        let process = try SupervisorLauncher(configuration: configuration)
            .launch(CommandGo(attempt: directory.attempt, digest: "d", steps: steps, runAs: runAs), in: directory)
        try during(directory)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        return Result(
            outcome: directory.outcome(), directory: directory, chunks: try OutputReader(directory: directory).read(limit: 1 << 30).chunks)
    }

    /// Why an order is refused, or nil when it is not.
    func refusal(_ steps: [PluginStep], runAs: RunAs? = nil) throws -> String? {
        do {
            _ = try self(steps, runAs: runAs)
            return nil
        } catch let refusal as SupervisorLauncher.Refusal {
            return refusal.message
        }
    }

    /// A step with a script of these lines.
    static func script(_ lines: String..., timeoutSeconds: Int = 60, runAs: RunAs? = nil) -> PluginStep {
        PluginStep(name: "s", commands: lines, timeoutSeconds: timeoutSeconds, runAs: runAs)
    }

    /// Waits, by looking, for something that another process does.
    static func wait(until condition: () -> Bool) {
        while !condition() { sched_yield() }
    }

    /// The number that a script wrote to a file, its own process id for instance.
    func number(in name: String) throws -> Int32 {
        try #require(TemporaryDirectory.text("\(root.path)/\(name)").flatMap { Int32($0.dropLast()) })
    }
}
