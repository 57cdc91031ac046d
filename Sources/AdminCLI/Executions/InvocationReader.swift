import JSONCore
import TimeSource

/// Reads the output of a command that writes to no log group: all of it that the API has, once the command has ended on a node.
struct InvocationReader {
    /// What an invocation may still turn into another status from.
    private static let unfinished: Set<String> = ["Pending", "InProgress", "Delayed", "Cancelling"]

    private let server: any APICaller
    private let command: String
    private var finished: Set<String> = []
    private var isOver = false

    /// A reader of this command.
    init(_ server: any APICaller, command: String) {
        self.server = server
        self.command = command
    }

    /// The output of the nodes on which the command ended since the last look.
    mutating func next() async throws -> [(node: String, line: OutputLine)] {
        guard !isOver else { return [] }
        let invocations = try await server.list(
            .systemsManager("ListCommandInvocations", ["CommandId": .text(command)]), "CommandInvocations")
        var lines: [(node: String, line: OutputLine)] = []
        for invocation in invocations {
            guard let node = invocation["InstanceId"]?.text, let status = invocation["Status"]?.text,
                !InvocationReader.unfinished.contains(status), !finished.contains(node)
            else { continue }
            let result = try await server.call(
                .systemsManager("GetCommandInvocation", ["CommandId": .text(command), "InstanceId": .text(node)]))
            finished.insert(node)
            let end = result["ExecutionEndDateTime"]?.text.flatMap(Timestamp.init(rfc3339:)) ?? .epoch
            for (member, isError) in [("StandardOutputContent", false), ("StandardErrorContent", true)] {
                for text in (result[member]?.text ?? "").split(separator: "\n", omittingEmptySubsequences: false).dropLastEmpty {
                    lines.append((node, OutputLine(at: end, source: nil, isError: isError, text: String(text))))
                }
            }
        }
        isOver = !invocations.isEmpty && finished.count == invocations.count
        return lines
    }
}

extension Array where Element == Substring {
    /// Without the empty line that a line break at the end makes.
    fileprivate var dropLastEmpty: ArraySlice<Substring> { last?.isEmpty == true ? dropLast() : self[...] }
}
