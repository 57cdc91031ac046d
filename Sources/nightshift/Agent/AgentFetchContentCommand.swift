import Agent
import ArgumentParser
import Foundation
import TimeSource

/// `nightshift agent fetch-content`: the program of an `aws:downloadContent` step, started by the supervisor with its job as descriptor 3.
struct AgentFetchContentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch-content", abstract: "Fetch the content of a downloadContent step.", shouldDisplay: false)

    /// Where the supervisor puts a step's text.
    private static let descriptor: Int32 = 3

    func run() async throws {
        let bytes = try? FileHandle(fileDescriptor: Self.descriptor).readToEnd()
        guard let bytes, let job = ContentJob(bytes: Array(bytes)) else {
            throw ValidationError("this is the program of a step; it is not started by hand")
        }
        do {
            print(try await ContentFetcher.run(job, clock: LiveClock(), random: SystemRandomSource()))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode(1)
        }
    }
}
