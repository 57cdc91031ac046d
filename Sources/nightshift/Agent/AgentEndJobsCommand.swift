import Agent
import ArgumentParser
import Foundation

/// `nightshift agent end-jobs`: what the unit of the jobs does when it is stopped, as at a shutdown of the host.
///
/// Asks every supervisor of the data directory to end its job, and waits until they have written down how. They are found by their
/// command line (`nightshift-run DATA/spool/ATTEMPT`), so that an agent is not needed and other agents' jobs are left alone.
struct AgentEndJobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end-jobs", abstract: "End all running jobs of this host's agent and wait until their results are stored.",
        shouldDisplay: false)

    /// How long to wait; a supervisor kills a job that does not end within its own grace, which is shorter.
    private static let patience: Duration = .seconds(25)

    @OptionGroup var options: AgentOptions

    func run() async throws {
        let spool = options.dataDirectory + "/spool/"
        let supervisors = Self.supervisors(below: spool)
        for supervisor in supervisors { kill(supervisor, SIGTERM) }
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline, supervisors.contains(where: { Self.isSupervisor($0, below: spool) }) {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private static func supervisors(below spool: String) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { isSupervisor($0, below: spool) }
    }

    private static func isSupervisor(_ process: pid_t, below spool: String) -> Bool {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else { return false }
        let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return words.count == 2 && words[0].hasSuffix("/nightshift-run") && words[1].hasPrefix(spool)
    }
}
