import Agent
import ArgumentParser
import Foundation

/// `nightshift agent rotate-key`: has the agent of a data directory replace its key, also while it runs.
struct AgentRotateKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key", abstract: "Have the agent replace its key now; running commands go on.")

    /// How long a connected agent may take.
    private static let patience: Duration = .seconds(20)
    private static let look: Duration = .milliseconds(100)

    /// `--data` is the agent's own: its command takes it wherever it stands.
    @OptionGroup var options: AgentOptions

    func run() async throws {
        let directory = options.dataDirectory
        do {
            try Agent.KeyRotationRequest.make(in: directory)
        } catch {
            FileHandle.standardError.write(Data("nightshift agent rotate-key: \(error)\n".utf8))
            throw ExitCode(1)
        }
        guard Agent.KeyRotationRequest.isAgentRunning(in: directory) else {
            print("No agent runs on \(directory); the next one replaces the key as soon as it is connected.")
            return
        }
        let deadline = ContinuousClock.now + Self.patience
        while Agent.KeyRotationRequest.isPending(in: directory) {
            guard ContinuousClock.now < deadline else {
                FileHandle.standardError.write(
                    Data("nightshift agent rotate-key: the agent is not connected; it replaces the key as soon as it is\n".utf8))
                throw ExitCode(1)
            }
            try await Task.sleep(for: Self.look)
        }
        print("The key was replaced.")
    }
}
