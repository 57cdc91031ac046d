import AWSProtocols
import LogStorage
import TimeSource

/// The events of one PutLogEvents call, checked (CloudWatch Logs API Reference, PutLogEvents).
struct LogEventBatch: Sendable {
    /// The most bytes of a batch: those of the messages in UTF-8, and 26 for each event.
    private static let sizeLimit = 1_048_576
    private static let eventOverhead = 26
    /// The longest time from the first to the last event.
    private static let spanLimit = Duration.seconds(24 * 3_600)
    /// How far in the future and in the past events may lie.
    private static let lead = Duration.seconds(2 * 3_600)
    private static let age = Duration.seconds(14 * 86_400)

    /// Which events are to be stored, in order of time.
    let accepted: ArraySlice<LogEntry>
    /// The index of the first event that is too new, nil when none is.
    let tooNewStart: Int?
    /// The index behind the last event that is too old, nil when none is.
    let tooOldEnd: Int?
    /// The index behind the last event that the group's retention no longer keeps, nil when there is none.
    let expiredEnd: Int?

    /// Checks a batch that arrived at `now` for a group with this retention.
    /// - Throws: `InvalidParameterException` when the batch as a whole is refused.
    init(_ events: [APIStructure], now: Timestamp, retentionInDays: Int?) throws(APIError) {
        var entries: [LogEntry] = []
        entries.reserveCapacity(events.count)
        var size = 0
        for event in events {
            let message = Array((event.string("message") ?? "").utf8)
            size += message.count + LogEventBatch.eventOverhead
            entries.append(LogEntry(timestamp: Timestamp(milliseconds: event.integer("timestamp") ?? 0), message: message))
        }
        guard size <= LogEventBatch.sizeLimit else {
            throw LogsError.invalidParameter("Upload too large: \(size) bytes exceeds limit of \(LogEventBatch.sizeLimit)")
        }
        for (earlier, later) in zip(entries, entries.dropFirst()) where later.timestamp < earlier.timestamp {
            throw LogsError.invalidParameter("Log events in a single PutLogEvents request must be in chronological order.")
        }
        if let first = entries.first, let last = entries.last, last.timestamp - first.timestamp > LogEventBatch.spanLimit {
            throw LogsError.invalidParameter("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
        }
        let oldest = now - LogEventBatch.age
        let kept = retentionInDays.map { now - Duration.seconds($0 * 86_400) }
        // The events are in order, so each kind of refusal is a range at an end.
        let old = entries.firstIndex { $0.timestamp >= oldest } ?? entries.count
        let expired = kept.map { kept in entries.firstIndex { $0.timestamp >= kept } ?? entries.count } ?? 0
        let new = entries.firstIndex { $0.timestamp > now + LogEventBatch.lead } ?? entries.count
        tooOldEnd = old > 0 ? old : nil
        expiredEnd = expired > 0 ? expired : nil
        tooNewStart = new < entries.count ? new : nil
        let start = max(old, expired)
        accepted = entries[start..<max(start, new)]
    }

    /// What the answer says of refused events; nil when all are accepted.
    var rejection: APIValue? {
        guard tooNewStart != nil || tooOldEnd != nil || expiredEnd != nil else { return nil }
        return [
            "tooNewLogEventStartIndex": .optional(tooNewStart.map(Int64.init)),
            "tooOldLogEventEndIndex": .optional(tooOldEnd.map(Int64.init)),
            "expiredLogEventEndIndex": .optional(expiredEnd.map(Int64.init)),
        ]
    }
}
