package import ArgumentParser
import TimeSource

/// `nightshift worker`.
package struct RunWorker: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Take messages from a queue and run a command for each.",
        usage: "nightshift worker --queue NAME|URL [--concurrency N] [OPTIONS] [SERVER] -- COMMAND ARGUMENTS…",
        discussion: """
            The command gets the message's body on standard input, and facts and attributes in its environment: NIGHTSHIFT_MESSAGE_ID, \
            NIGHTSHIFT_RECEIVE_COUNT, NIGHTSHIFT_MESSAGE_GROUP_ID, NIGHTSHIFT_QUEUE, and NIGHTSHIFT_ATTRIBUTE_NAME for each attribute. \
            While it runs, the message stays hidden from others. Exit code 0 deletes the message; anything else shows it to others at once, \
            or after --retry-delay. As soon as a command has ended, its place takes the next message.

            SIGTERM or Ctrl-C: no more messages are taken, and commands that run may end. A second one, or the end of --grace, sends them \
            SIGTERM and releases their messages.
            """)

    @Option(help: ArgumentHelp("The queue's name or URL.", valueName: "name|url"))
    package var queue: String

    @Option(help: ArgumentHelp("How many commands run at once.", valueName: "n"))
    package var concurrency = 1

    @Option(help: ArgumentHelp("How long a call for messages waits for one, up to 20. (default: 20)", valueName: "seconds"))
    var wait: WholeSeconds?

    @Option(help: ArgumentHelp("How long a message stays hidden if this worker dies. Else the queue's own.", valueName: "seconds"))
    var visibility: WholeSeconds?

    @Option(help: ArgumentHelp("How long a message stays hidden after its command failed.", valueName: "seconds"))
    var retryDelay = WholeSeconds(0)

    @Option(help: ArgumentHelp("How long commands may go on after the first SIGTERM. Else as long as they need.", valueName: "seconds"))
    var grace: WholeSeconds?

    @Flag(help: "Take one message, then end: with exit code 0 when its command succeeded, else 1.")
    package var once = false

    @Flag(help: "End when the queue has nothing to give and nothing runs.")
    package var exitWhenEmpty = false

    @Flag(help: "Leave the commands the worker's own output streams; else each line is shown behind the end of its message's id.")
    package var passThrough = false

    @Flag(help: "Print outcomes as JSON, one message a line; what commands write goes to standard error.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    @Argument(parsing: .postTerminator, help: ArgumentHelp("The command, behind --.", valueName: "command"))
    package var command: [String]

    package init() {}

    package func validate() throws {
        guard !command.isEmpty else {
            throw ValidationError("no command: it stands behind `--`, as in nightshift worker --queue reports -- ./report.sh")
        }
        try RunWorker.check("--concurrency", concurrency, 1...1_000)
        if let wait { try RunWorker.check("--wait", wait.count, 0...20) }
        if let visibility { try RunWorker.check("--visibility", visibility.count, 1...43_200) }
        try RunWorker.check("--retry-delay", retryDelay.count, 0...43_200)
    }

    package func run() async throws {
        let terminal = Terminal()
        let environment = ProcessEnvironment.current
        let clock = LiveClock()
        let program = try WorkerCommand(command, environment: environment.variables)
        var connection = connection
        // A queue's URL says where its server is, unless somebody said so expressly.
        if connection.endpoint == nil, environment.first("NIGHTSHIFT_ENDPOINT", "AWS_ENDPOINT_URL") == nil {
            connection.endpoint = RunWorker.address(inURL: queue)
        }
        let failures = try await connection.withServer(environment) { server in
            let found = try await WorkerQueue.find(queue, server)
            let wait = wait?.count ?? (exitWhenEmpty ? 1 : 20)
            let session = WorkerSession(
                queue: found, command: program, settings: settings(for: found, wait: wait), wait: wait,
                isPassedThrough: passThrough, output: WorkerOutput(terminal, isJSON: json, clock: clock), clock: clock,
                identifiers: IdentifierSource(clock: clock, random: SystemRandomSource()), environment: environment.variables)
            return try await session.run()
        }
        if once, failures > 0 { throw ExitCode(1) }
    }

    private func settings(for queue: WorkerQueue, wait: Int) -> WorkerPlan.Settings {
        var settings = WorkerPlan.Settings()
        settings.concurrency = concurrency
        settings.takesOneAtATime = queue.isFIFO
        settings.visibility = visibility?.duration ?? .seconds(queue.visibility)
        settings.retryDelay = retryDelay.duration
        settings.grace = grace?.duration
        settings.limit = once ? 1 : nil
        settings.endsWhenEmpty = exitWhenEmpty
        settings.emptyPause = wait == 0 ? .seconds(1) : .zero
        return settings
    }

    /// Scheme, host and port of a queue's URL; nil for a name.
    static func address(inURL text: String) -> String? {
        let parts = text.split(separator: "://", maxSplits: 1)
        return parts.count == 2 ? parts[0] + "://" + parts[1].prefix { $0 != "/" } : nil
    }

    private static func check(_ option: String, _ value: Int, _ range: ClosedRange<Int>) throws {
        guard !range.contains(value) else { return }
        throw ValidationError("\(option) \(value): expected \(range.lowerBound) to \(range.upperBound)")
    }
}
