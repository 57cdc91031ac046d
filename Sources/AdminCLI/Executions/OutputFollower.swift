import JSONCore
import TimeSource

/// Reads what the commands and functions of an execution write: from their log groups as it comes, and of commands without one when
/// they have ended.
struct OutputFollower {
    /// What the platform itself writes into a function's log; the live view shows attempts anyway.
    private static let platformLines = ["START RequestId: ", "END RequestId: ", "REPORT RequestId: ", "INIT_START "]

    private enum Source {
        case functionLog(String, LogReader)
        case commandLog(LogReader)
        case invocations(InvocationReader)
    }

    private let server: any APICaller
    private var sources: [String: Source] = [:]
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
        var lines: [OutputLine] = []
        do {
            try await watch(view)
        } catch let failure as APIFailure where !failure.mayPass {
            note(failure)
        }
        for key in sources.keys.sorted() {
            do {
                lines += try await read(key)
            } catch let failure as APIFailure where !failure.mayPass {
                note(failure)
            }
        }
        // Stable, so that lines of one millisecond stay as their stream has them.
        return lines.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    /// Reads again what was written since an instant, after a time in which the server did not answer.
    mutating func goBack(to instant: Timestamp) {
        for (key, source) in sources {
            switch source {
            case .functionLog(let name, var reader):
                reader.goBack(to: instant)
                sources[key] = .functionLog(name, reader)
            case .commandLog(var reader):
                reader.goBack(to: instant)
                sources[key] = .commandLog(reader)
            case .invocations: break
            }
        }
    }

    /// Why output could not be read; each reason is told once.
    mutating func takeProblem() -> String? {
        defer { problem = nil }
        guard let problem, toldProblems.insert(problem).inserted else { return nil }
        return problem
    }

    /// A group is made with its first line. What this caller may not read, the execution can be followed without.
    private mutating func note(_ failure: APIFailure) {
        if failure.code != "ResourceNotFoundException" { problem = "\(failure)" }
    }

    private mutating func watch(_ view: FollowView) async throws {
        guard let start = view.startedAt else { return }
        for name in view.functions where sources[name] == nil {
            sources[name] = .functionLog(name, LogReader(server, .init(group: "/aws/lambda/" + name), from: start))
        }
        for id in view.commandIDs where sources[id] == nil {
            if let group = try await logGroup(ofCommand: id) {
                sources[id] = .commandLog(LogReader(server, .init(group: group, streamPrefix: id), from: start))
            } else {
                sources[id] = .invocations(InvocationReader(server, command: id))
            }
        }
    }

    /// The group that the command writes to: the one it was given, else the one of its document; nil when it writes to none.
    private func logGroup(ofCommand id: String) async throws -> String? {
        let command = try await server.list(.systemsManager("ListCommands", ["CommandId": .text(id)]), "Commands").first
        guard let configuration = command?["CloudWatchOutputConfig"], configuration["CloudWatchOutputEnabled"]?.bool == true else {
            return nil
        }
        if let group = configuration["CloudWatchLogGroupName"]?.text, !group.isEmpty { return group }
        return "/aws/ssm/" + (command?["DocumentName"]?.text ?? "AWS-RunShellScript")
    }

    private mutating func read(_ key: String) async throws -> [OutputLine] {
        switch sources[key] {
        case .functionLog(let name, var reader):
            let events = try await reader.next()
            sources[key] = .functionLog(name, reader)
            return events.filter { event in !OutputFollower.platformLines.contains(where: event.message.hasPrefix) }.map {
                OutputLine(at: $0.at, source: name, isError: false, text: $0.message)
            }
        case .commandLog(var reader):
            let events = try await reader.next()
            sources[key] = .commandLog(reader)
            return events.map { event in
                // COMMAND/NODE/PLUGIN/stdout
                let parts = event.stream.split(separator: "/")
                return line(event.at, node: parts.count > 1 ? String(parts[1]) : "", isError: parts.last == "stderr", event.message)
            }
        case .invocations(var reader):
            let lines = try await reader.next()
            sources[key] = .invocations(reader)
            return lines.map { line($0.line.at, node: $0.node, isError: $0.line.isError, $0.line.text) }
        case nil: return []
        }
    }

    /// A line of a command; it names its node as soon as there are several.
    private mutating func line(_ at: Timestamp, node: String, isError: Bool, _ text: String) -> OutputLine {
        nodes.insert(node)
        return OutputLine(at: at, source: nodes.count > 1 ? node : nil, isError: isError, text: text)
    }
}
