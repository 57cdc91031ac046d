import ArgumentParser
import JSONCore
import TimeSource
import UnixSignals

/// Follows an execution on the terminal until it has ended or Ctrl-C is pressed; shared by `run --follow` and `follow`.
struct FollowSession {
    private enum End: Sendable {
        case outcome(String)
        case interrupted
    }

    let server: any APICaller
    let execution: String
    let isJSON: Bool

    /// Ends the process with exit code 1 unless the execution SUCCEEDED.
    func run(_ terminal: Terminal) async throws {
        let end = try await withThrowingTaskGroup(of: End.self) { group in
            group.addTask {
                let screen = FollowScreen(style: terminal.style, zone: .system, isJSON: isJSON, write: terminal.write)
                var follower = ExecutionFollower(
                    server, execution: execution, clock: LiveClock(), screen: screen, remark: terminal.remark)
                return .outcome(try await follower.run().status)
            }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint) { return .interrupted }
                throw CancellationError()
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .interrupted
        }
        switch end {
        case .outcome("SUCCEEDED"): break
        case .outcome: throw ExitCode(1)
        case .interrupted:
            terminal.remark("no longer following; the execution goes on. See it again with: nightshift follow \(execution)")
            throw ExitCode(1)
        }
    }
}
