import JSONCore
import TimeSource

/// Reads what the commands and functions of an execution write, as it comes, from their log groups.
struct OutputFollower {
    private static let commandGroup = "/aws/ssm/AWS-RunShellScript"
    /// What the platform itself writes into a function's log; the live view shows attempts anyway.
    private static let platformLines = ["START RequestId: ", "END RequestId: ", "REPORT RequestId: ", "INIT_START "]

    private enum Source {
        case command
        case function(String)
    }

    private let server: any APICaller
    private var readers: [String: (source: Source, reader: LogReader)] = [:]
    private var nodes: Set<String> = []
    /// Why output could not be read, until somebody has asked.
    private var problem: String?
    private var toldProblems: Set<String> = []

    /// A follower that has nothing to read yet.
    init(_ server: any APICaller) {
        self.server = server
    }

    /// The lines that came since the last look, in the order of their times. A function's log is shared by all its callers, so lines of
    /// another execution that calls it at the same time are among them.
    mutating func next(of view: FollowView) async throws -> [OutputLine] {
        try await watch(view)
        var lines: [OutputLine] = []
        for (key, entry) in readers.sorted(by: { $0.key < $1.key }) {
            var reader = entry.reader
            defer { readers[key]?.reader = reader }
            for event in try await read(&reader) {
                if let line = line(event, entry.source) { lines.append(line) }
            }
        }
        // Stable, so that lines of one millisecond stay as their stream has them.
        return lines.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    /// Reads again what was written since an instant, after a time in which the server did not answer.
    mutating func goBack(to instant: Timestamp) {
        for key in readers.keys { readers[key]?.reader.goBack(to: instant) }
    }

    /// Why output could not be read; each reason is told once.
    mutating func takeProblem() -> String? {
        defer { problem = nil }
        guard let problem, toldProblems.insert(problem).inserted else { return nil }
        return problem
    }

    private mutating func watch(_ view: FollowView) async throws {
        guard let start = view.startedAt else { return }
        for id in view.commandIDs where readers[id] == nil {
            let group = try await logGroup(ofCommand: id)
            readers[id] = (.command, LogReader(server, .init(group: group, streamPrefix: id), from: start))
        }
        for name in view.functions where readers[name] == nil {
            readers[name] = (.function(name), LogReader(server, .init(group: "/aws/lambda/" + name), from: start))
        }
    }

    /// The group that the command was told to write to, else the one of its document.
    private func logGroup(ofCommand id: String) async throws -> String {
        do {
            let command = try await server.call(.systemsManager("ListCommands", ["CommandId": .text(id)]))["Commands"]?.array?.first
            if let group = command?["CloudWatchOutputConfig"]?["CloudWatchLogGroupName"]?.text, !group.isEmpty { return group }
            return command?["DocumentName"]?.text.map { "/aws/ssm/" + $0 } ?? OutputFollower.commandGroup
        } catch let failure as APIFailure where !failure.mayPass {
            return OutputFollower.commandGroup
        }
    }

    /// The new events; none from a group that is not there yet, for it is made with its first line, and none from one that this caller
    /// may not read: the execution can be followed without.
    private mutating func read(_ reader: inout LogReader) async throws -> [LogEntry] {
        do {
            return try await reader.next()
        } catch let failure as APIFailure where !failure.mayPass {
            if failure.code != "ResourceNotFoundException" { problem = "\(failure)" }
            return []
        }
    }

    private mutating func line(_ event: LogEntry, _ source: Source) -> OutputLine? {
        switch source {
        case .function(let name):
            guard !OutputFollower.platformLines.contains(where: event.message.hasPrefix) else { return nil }
            return OutputLine(at: event.at, source: name, isError: false, text: event.message)
        case .command:
            // COMMAND/NODE/PLUGIN/stdout
            let parts = event.stream.split(separator: "/")
            let node = parts.count > 1 ? String(parts[1]) : ""
            nodes.insert(node)
            return OutputLine(
                at: event.at, source: nodes.count > 1 ? node : nil, isError: parts.last == "stderr", text: event.message)
        }
    }
}
