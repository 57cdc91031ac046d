import JSONCore
import TimeSource

/// Reads a log group as it grows.
struct LogReader {
    /// What is read.
    struct Query: Hashable, Sendable {
        /// The log group.
        var group: String
        /// Only streams whose names begin so.
        var streamPrefix: String?
        /// Only events that match this filter pattern.
        var filter: String?
    }

    private let server: any APICaller
    private let query: Query
    private var cursor: LogCursor

    /// A reader that begins at an instant.
    init(_ server: any APICaller, _ query: Query, from start: Timestamp) {
        self.server = server
        self.query = query
        cursor = LogCursor(start: start)
    }

    /// The events that came since the last look.
    mutating func next() async throws -> [LogEntry] {
        var input: JSONObject = [
            "logGroupName": .text(query.group), "startTime": .integer(max(0, cursor.start.milliseconds)),
        ]
        if let prefix = query.streamPrefix { input["logStreamNamePrefix"] = .text(prefix) }
        if let filter = query.filter { input["filterPattern"] = .text(filter) }
        return cursor.take(try await server.list(.logs("FilterLogEvents", input), "events").compactMap(LogEntry.init))
    }

    /// Goes back to an instant, after a time in which nothing could be read.
    mutating func goBack(to instant: Timestamp) {
        cursor.goBack(to: instant)
    }
}
