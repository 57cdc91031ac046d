import Store

/// The file of one stream: its key, as a name.
struct StagedOutput: Sendable, Hashable {
    let stream: CommandOutputStore.StreamKey

    init(_ stream: CommandOutputStore.StreamKey) {
        self.stream = stream
    }

    /// `COMMAND.NODE.ATTEMPT.STEP.STREAM`; the ids of nodes hold no points.
    var name: String {
        let key = stream.invocation
        return "\(key.command).\(key.node).\(stream.attempt).\(stream.step).\(stream.stream)"
    }

    /// Reads a name; nil for what is none.
    init?(name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, let command = Int64(parts[0]), let attempt = Int(parts[2]), let step = Int(parts[3]) else { return nil }
        stream = CommandOutputStore.StreamKey(
            invocation: InvocationRecord.Key(command: command, node: parts[1]), attempt: attempt, step: step, stream: parts[4])
    }

    /// The files that an attempt may have.
    static func all(of invocation: InvocationRecord.Key, attempt: Int, steps: Int) -> [StagedOutput] {
        (0..<steps).flatMap { step in
            ["stdout", "stderr"].map {
                StagedOutput(CommandOutputStore.StreamKey(invocation: invocation, attempt: attempt, step: step, stream: $0))
            }
        }
    }
}
