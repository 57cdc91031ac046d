package import ArgumentParser
import JSONCore
package import TimeSource

/// `nightshift executions`.
package struct ListExecutions: AsyncParsableCommand {
    /// The statuses that executions can be listed by.
    package enum Status: String, CaseIterable, ExpressibleByArgument, Sendable {
        case running = "RUNNING"
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        case timedOut = "TIMED_OUT"
        case aborted = "ABORTED"
        case pendingRedrive = "PENDING_REDRIVE"

        /// Also in lower case, and with a hyphen.
        package init?(argument: String) {
            self.init(rawValue: argument.uppercased().replacing("-", with: "_"))
        }
    }

    package static let configuration = CommandConfiguration(
        commandName: "executions", abstract: "List executions, the newest first.",
        usage: "nightshift executions [STATE-MACHINE] [--status STATUS] [--limit N] [--json] [SERVER]")

    @Argument(
        help: "The state machine's name or ARN. Without it those of all state machines.",
        completion: .custom(StateMachineCompletion.names))
    package var stateMachine: String?

    @Option(help: "Only executions with this status.")
    package var status: Status?

    @Option(help: "At most so many.")
    package var limit = 20

    @Flag(help: "Print JSON: the executions as ListExecutions answers them.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    package init() {}

    package func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit \(limit): expected a number above 0") }
    }

    package func run() async throws {
        let terminal = Terminal()
        try await connection.withServer { server in
            let found = try await executions(server)
            if json {
                return terminal.line(JSONWriter.pretty(["executions": APIText.readable(.array(found))]))
            }
            let summaries = found.compactMap(ExecutionSummary.init)
            guard !summaries.isEmpty else { return terminal.remark("no executions") }
            terminal.lines(ListExecutions.table(summaries, terminal.style, .system, now: LiveClock().now))
        }
    }

    private func executions(_ server: any APICaller) async throws -> [JSONValue] {
        let resolver = ReferenceResolver(server)
        let machines =
            if let stateMachine { [try await resolver.stateMachine(stateMachine)] } else { try await resolver.stateMachines().map(\.arn) }
        var found: [JSONValue] = []
        for machine in machines {
            var input: JSONObject = ["stateMachineArn": .text(machine), "maxResults": .integer(min(limit, 1000))]
            if let status { input["statusFilter"] = .text(status.rawValue) }
            do {
                found += try await server.list(.states("ListExecutions", input), "executions", limit: limit)
            } catch let failure as APIFailure where failure.code == "StateMachineTypeNotSupported" && stateMachine == nil {
                continue  // Executions of Express state machines are not listed, as on AWS.
            }
        }
        let newest = found.sorted { ($0["startDate"]?.number?.double ?? 0) > ($1["startDate"]?.number?.double ?? 0) }
        return Array(newest.prefix(limit))
    }

    /// The table of executions.
    package static func table(
        _ executions: [ExecutionSummary], _ style: OutputStyle, _ zone: LocalTime, now: Timestamp
    ) -> [String] {
        var table = TextTable(["STATUS", "STARTED", "DURATION", "EXECUTION"])
        for execution in executions {
            table.add([
                .init(execution.status, OutputStyle.role(ofStatus: execution.status)), .init(zone.dateAndTime(execution.startedAt)),
                .init(DurationText.text(execution.duration(now: now))), .init("\(execution.stateMachine):\(execution.name)"),
            ])
        }
        return table.lines(style)
    }
}
