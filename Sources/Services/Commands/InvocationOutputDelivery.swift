import JSONCore

/// What stands in the delivery of an invocation's output.
struct InvocationOutputDelivery: Sendable, Hashable {
    let command: Int64
    let node: String
    let attempt: Int

    /// One for each attempt.
    var id: String { "command-output/\(command)/\(node)/\(attempt)" }

    var stored: [UInt8] {
        JSONWriter.bytes(of: ["command": .integer(command), "node": .text(node), "attempt": .integer(attempt)])
    }
}

extension InvocationOutputDelivery {
    /// Reads what `stored` wrote; nil when it is none.
    init?(stored: [UInt8]) {
        guard let value = try? JSONParser.parse(stored), let command = value["command"]?.integer, let node = value["node"]?.text,
            let attempt = value["attempt"]?.integer
        else { return nil }
        self.init(command: command, node: node, attempt: Int(attempt))
    }
}
