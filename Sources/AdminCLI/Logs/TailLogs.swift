package import ArgumentParser
import JSONCore
import TimeSource

/// `nightshift tail`.
package struct TailLogs: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Show the newest events of a log group, and those that come.",
        usage: "nightshift tail LOG-GROUP [--follow] [--since TIME] [--filter PATTERN] [--stream PREFIX] [--json] [SERVER]",
        discussion: """
            Commands sent with CloudWatchOutputEnabled write to /aws/ssm/AWS-RunShellScript, in streams that begin with the command's id; \
            the function NAME writes to /aws/lambda/NAME.
            """)

    private static let pause = Duration.milliseconds(500)

    @Argument(help: "The log group's name.")
    package var logGroup: String

    @Flag(name: .shortAndLong, help: "Go on until Ctrl-C.")
    package var follow = false

    @Option(help: ArgumentHelp("From how long ago, such as 90s, 10m, 2h or 1d.", valueName: "time"))
    package var since = "10m"

    @Option(help: "Only events that match this CloudWatch Logs filter pattern.")
    package var filter: String?

    @Option(help: "Only streams whose names begin so.")
    package var stream: String?

    @Flag(help: "Print JSON, one event a line, as FilterLogEvents answers it.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    package init() {}

    package func validate() throws {
        guard DurationText.parse(since) != nil else {
            throw ValidationError("--since \(since): expected a duration such as 90s, 10m, 2h, 1d or 1h30m")
        }
    }

    package func run() async throws {
        let terminal = Terminal()
        let clock = LiveClock()
        try await connection.withServer { server in
            let query = LogReader.Query(group: logGroup, streamPrefix: stream, filter: filter)
            var reader = LogReader(server, query, from: clock.now - (DurationText.parse(since) ?? .zero))
            do {
                show(try await reader.next(), terminal)
            } catch let failure as APIFailure where failure.code == "ResourceNotFoundException" {
                throw try await noSuchGroup(server)
            }
            while follow {
                try await clock.sleep(for: TailLogs.pause)
                do {
                    show(try await reader.next(), terminal)
                } catch is ConnectionFailure {
                    terminal.remark("the server does not answer; waiting for it")
                    let lost = clock.now
                    try await waitForServer(&reader, clock, terminal)
                    reader.goBack(to: lost - LogCursor.overlap)
                    terminal.remark("the server answers again")
                }
            }
        }
    }

    private func waitForServer(_ reader: inout LogReader, _ clock: LiveClock, _ terminal: Terminal) async throws {
        while true {
            try await clock.sleep(for: TailLogs.pause)
            do {
                return show(try await reader.next(), terminal)
            } catch is ConnectionFailure {
                continue
            }
        }
    }

    private func show(_ events: [LogEntry], _ terminal: Terminal) {
        terminal.lines(
            events.map { json ? JSONWriter.text(of: $0.json) : TailLogs.line($0, terminal.style, .system) })
    }

    /// An event as a line: when, which stream, what. Streams have long names, of which the end tells most on a terminal.
    package static func line(_ event: LogEntry, _ style: OutputStyle, _ zone: LocalTime) -> String {
        let stream = DisplayText.line(event.stream)
        let shown = style.isTerminal && stream.count > 24 ? (style.isUnicode ? "…" : "...") + stream.suffix(23) : stream
        return "\(style.paint(zone.dateAndTime(event.at), .faint)) \(style.paint(shown, .running)) \(DisplayText.line(event.message))"
    }

    private func noSuchGroup(_ server: any APICaller) async throws -> CommandFailure {
        let groups = try await server.list(.logs("DescribeLogGroups"), "logGroups").compactMap { $0["logGroupName"]?.text }
        let near = Suggestion.sentence(for: logGroup, of: groups)
        return CommandFailure(
            "there is no log group \(logGroup)",
            advice: groups.isEmpty
                ? "There are no log groups yet; a group is made with its first line."
                : near.isEmpty ? "There are: \(groups.prefix(10).joined(separator: ", "))" : near)
    }
}
