import Foundation
import Glibc

/// Very many light agents in one process, which speak to a server as `nightshift agent` does and run nothing; `Benchmarks/run agents` calls it.
///
///     AgentFleet --server URL --agents N --activation-id ID --activation-code CODE [--access-key K --secret-key S --region R]
///
/// It enrols and connects all agents, prints one line of JSON, and then obeys lines from its standard input, each answered by one line:
///
///     behave RUN-MILLISECONDS FAILING   how long each command runs, and that every so-manyth node fails all of its commands (0: none)
///     dispatch RATE SECONDS             sends commands to one node each, and measures from the call to the `go` at the node
///     counts                            what the agents were told and told so far
///
/// It ends with its standard input.
@main
struct AgentFleet {
    static func main() async {
        raiseOpenFiles()
        do {
            let options = try FleetOptions(Array(CommandLine.arguments.dropFirst()))
            let fleet = try Fleet(options)
            try await fleet.run(FleetConsole())
        } catch {
            FileHandle.standardError.write(Data("AgentFleet: \(error)\n".utf8))
            exit(1)
        }
    }

    /// Each agent has two connections.
    private static func raiseOpenFiles() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
