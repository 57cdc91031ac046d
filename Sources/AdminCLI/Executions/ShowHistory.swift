package import ArgumentParser
import JSONCore
import TimeSource

/// `nightshift history`.
package struct ShowHistory: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show an execution's history, event by event.",
        usage: "nightshift history EXECUTION [--reverse] [--limit N] [--json] [SERVER]")

    @Argument(help: "The execution: its ARN, or STATE-MACHINE:NAME.")
    package var execution: String

    @Flag(help: "The newest event first.")
    package var reverse = false

    @Option(help: "At most so many events.")
    package var limit: Int?

    @Flag(help: "Print JSON: the events as GetExecutionHistory answers them.")
    package var json = false

    @OptionGroup(title: "Server") package var connection: ConnectionOptions

    package init() {}

    package func validate() throws {
        guard limit ?? 1 > 0 else { throw ValidationError("--limit \(limit ?? 0): expected a number above 0") }
    }

    package func run() async throws {
        let terminal = Terminal()
        try await connection.withServer { server in
            let input: JSONObject = [
                "executionArn": .text(try await ReferenceResolver(server).execution(execution)), "reverseOrder": .bool(reverse),
                "maxResults": .integer(min(limit ?? 1000, 1000)), "includeExecutionData": true,
            ]
            let events = try await server.list(.states("GetExecutionHistory", input), "events", limit: limit ?? .max)
            if json {
                return terminal.line(JSONWriter.pretty(["events": APIText.readable(.array(events))]))
            }
            terminal.lines(ShowHistory.lines(events.compactMap(ExecutionEvent.init), terminal.style, .system))
        }
    }

    /// The events as lines: number, time since the start, type, and what matters of the details.
    package static func lines(_ events: [ExecutionEvent], _ style: OutputStyle, _ zone: LocalTime) -> [String] {
        var table = TextTable(["ID", "TIME", "AFTER", "EVENT", "DETAIL"])
        let start = events.map(\.at).min() ?? .epoch
        for event in events {
            table.add([
                .init("\(event.id)", .faint), .init(zone.dateAndTime(event.at)), .init(DurationText.text(event.at - start)),
                .init(event.type, role(event.type)), .init(detail(event)),
            ])
        }
        return table.lines(style)
    }

    private static func role(_ type: String) -> OutputStyle.Role? {
        if type.hasSuffix("Failed") || type.hasSuffix("TimedOut") { return .bad }
        if type.hasSuffix("Aborted") { return .doubtful }
        if type.hasSuffix("StateEntered") { return .running }
        return type.hasSuffix("Succeeded") || type.hasSuffix("StateExited") ? .good : nil
    }

    private static func detail(_ event: ExecutionEvent) -> String {
        let named = ["name", "state", "resourceType", "resource", "workerName", "error", "cause"].compactMap(event.text)
        let index = event.details["index"]?.integer.map { "index \($0)" }
        let data = event.text("output") ?? event.text("input") ?? event.text("parameters")
        return (named + [index, data].compactMap { $0 }).joined(separator: "  ")
    }
}
