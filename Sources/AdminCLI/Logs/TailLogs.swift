package import ArgumentParser
import JSONCore
import TimeSource

/// `nightshift tail`.
package struct TailLogs: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Show the output of a command, or the newest events of a log group, and what comes.",
        usage: """
            nightshift tail COMMAND-ID [--follow] [SERVER]
            nightshift tail LOG-GROUP [--follow] [--since TIME] [--filter PATTERN] [--stream PREFIX] [--json] [SERVER]
            """,
        discussion: """
            Of a command its output is shown byte for byte, standard error on standard error; with several nodes each line names its own. \
            With --follow it ends when the command has ended, with the command's exit code: on one node its own, on several 0 when all \
            succeeded and 1 otherwise. Beyond the first 96,000 bytes of a stream it shows what comes while it follows, and all of it \
            where the command names a bucket (OutputS3BucketName).

            Commands sent with CloudWatchOutputEnabled write to /aws/ssm/AWS-RunShellScript, in streams that begin with the command's id; \
            the function NAME writes to /aws/lambda/NAME.
            """)

    private static let pause = Duration.milliseconds(500)
    private static let commandPause = Duration.milliseconds(200)

    @Argument(help: "The log group's name, or the command's id.")
    package var logGroup: String

    @Flag(name: .shortAndLong, help: "Go on until the command has ended, or Ctrl-C.")
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
        if CommandTail.isCommandID(logGroup), json || filter != nil || stream != nil {
            throw ValidationError("--json, --filter and --stream are for log groups; \(logGroup) is a command's id")
        }
    }

    package func run() async throws {
        let terminal = Terminal()
        let clock = LiveClock()
        if CommandTail.isCommandID(logGroup) { return try await tailCommand(terminal, clock) }
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

    private func tailCommand(_ terminal: Terminal, _ clock: LiveClock) async throws {
        let code = try await connection.withServer { server -> Int32 in
            var tail = CommandTail(
                server, command: logGroup, show: { terminal.bytes($0, isError: $1) }, remark: { terminal.remark($0) })
            var isLost = false
            while true {
                do {
                    let look = try await tail.next()
                    if isLost { terminal.remark("the server answers again") }
                    isLost = false
                    if look.hasEnded {
                        if look.details != "Success" { terminal.remark("\(logGroup): \(look.details)") }
                        return try await tail.exitCode(after: look)
                    }
                    guard follow else { return 0 }
                } catch let failure as ConnectionFailure {
                    guard follow else { throw failure }
                    if !isLost { terminal.remark("the server does not answer; waiting for it") }
                    isLost = true
                } catch let failure as APIFailure where failure.mayPass && follow {
                    // The server is starting or busy.
                }
                try await clock.sleep(for: TailLogs.commandPause)
            }
        }
        guard code == 0 else { throw ExitCode(code) }
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
