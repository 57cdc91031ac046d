package import JSONCore
package import TimeSource

/// Where in a log group the next look begins, so that each event is shown once.
///
/// FilterLogEvents has no position that outlives its end, and events of different streams arrive out of order: each look begins a
/// little before the newest event seen, and what was seen before is passed over.
package struct LogCursor {
    /// How much later than a newer event an event may arrive and still be seen.
    package static let overlap = Duration.seconds(30)

    /// Where the next look begins.
    package private(set) var start: Timestamp
    private var newest: Timestamp
    private var seen: [String: Timestamp] = [:]

    /// A cursor at this instant.
    package init(start: Timestamp) {
        self.start = start
        newest = start
    }

    /// Takes the events of a look and answers the new ones, in their order.
    package mutating func take(_ events: [LogEntry]) -> [LogEntry] {
        var fresh: [LogEntry] = []
        for event in events where seen[event.id] == nil {
            seen[event.id] = event.at
            newest = max(newest, event.at)
            fresh.append(event)
        }
        let earliest = newest - LogCursor.overlap
        if earliest > start {
            start = earliest
            seen = seen.filter { $0.value >= earliest }
        }
        return fresh
    }

    /// Goes back to an instant, after a time in which nothing could be read.
    package mutating func goBack(to instant: Timestamp) {
        start = min(start, instant)
    }
}

/// A log event as FilterLogEvents answers it.
package struct LogEntry: Sendable {
    /// The event's id.
    package let id: String
    /// When it was written.
    package let at: Timestamp
    /// The stream that it stands in.
    package let stream: String
    /// The line, without the line break at its end.
    package let message: String
    /// The event as it came.
    package let json: JSONValue

    /// Reads an event; nil when it is none.
    package init?(_ value: JSONValue) {
        guard let id = value["eventId"]?.text, let at = value["timestamp"]?.integer, let message = value["message"]?.text else {
            return nil
        }
        self.id = id
        self.at = Timestamp(milliseconds: at)
        self.message = message.last?.isNewline == true ? String(message.dropLast()) : message
        stream = value["logStreamName"]?.text ?? ""
        json = value
    }
}
