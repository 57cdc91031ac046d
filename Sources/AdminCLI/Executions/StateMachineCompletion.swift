import ArgumentParser
import TimeSource

/// Completes the names of state machines in a shell, from the server that the command line names.
enum StateMachineCompletion {
    /// The names that begin as the word does; none when the server does not answer at once, for a shell waits for it.
    @Sendable static func names(words: [String], index: Int, prefix: String) async -> [String] {
        var arguments: [String] = []
        for (flag, value) in zip(words, words.dropFirst())
        where ["--endpoint", "--profile", "--data", "--region", "--ca-certificate"].contains(flag) {
            arguments += [flag, value]
        }
        guard let connection = try? ConnectionOptions.parse(arguments) else { return [] }
        let names = try? await connection.withServer(timeout: .seconds(2)) { server in
            try await ReferenceResolver(server).stateMachines().map(\.name)
        }
        return (names ?? []).filter { $0.hasPrefix(prefix) }.sorted()
    }
}
