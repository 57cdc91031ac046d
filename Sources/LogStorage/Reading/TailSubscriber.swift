import Synchronization

/// What a live tail receives at once.
package struct LogTailUpdate: Sendable {
    /// New events, in the order of their arrival.
    package let events: [LogEvent]
    /// How many events were lost before these, because the reader was too slow.
    package let dropped: Int
}

/// The events of a log group as they arrive, until the group is deleted, the store closed or the task cancelled.
package struct LogTail: AsyncSequence, Sendable {
    /// What is read at once.
    package typealias Element = LogTailUpdate

    /// What the subscriber handed over.
    let updates: AsyncStream<LogTailUpdate>

    /// Begins to read; a tail has one reader.
    package func makeAsyncIterator() -> AsyncStream<LogTailUpdate>.AsyncIterator { updates.makeAsyncIterator() }
}

/// The writer's end of a live tail.
final class TailSubscriber: Sendable {
    /// Larger batches are handed over in parts, so that a backlog of some updates is bounded in bytes too.
    private static let updateSize = 256 << 10

    private let continuation: AsyncStream<LogTailUpdate>.Continuation
    private let selects: @Sendable (String) -> Bool
    private let matches: (@Sendable (ArraySlice<UInt8>) -> Bool)?
    private let dropped = Mutex(0)

    /// The end of a tail that selects by stream and by message.
    init(
        continuation: AsyncStream<LogTailUpdate>.Continuation, selects: @escaping @Sendable (String) -> Bool,
        matches: (@Sendable (ArraySlice<UInt8>) -> Bool)?
    ) {
        (self.continuation, self.selects, self.matches) = (continuation, selects, matches)
    }

    /// Hands over what the subscriber asked for; drops it when the backlog is full.
    func offer(_ events: [LogEvent], from stream: String) {
        guard selects(stream) else { return }
        var part: [LogEvent] = []
        var size = 0
        for event in events where matches?(event.message[...]) ?? true {
            part.append(event)
            size += event.message.count
            if size >= Self.updateSize {
                yield(part)
                (part, size) = ([], 0)
            }
        }
        if !part.isEmpty { yield(part) }
    }

    /// Ends the tail for its reader.
    func finish() { continuation.finish() }

    private func yield(_ events: [LogEvent]) {
        let lost = dropped.withLock { $0 }
        switch continuation.yield(LogTailUpdate(events: events, dropped: lost)) {
        case .enqueued: dropped.withLock { $0 -= lost }
        case .dropped: dropped.withLock { $0 += events.count }
        default: break
        }
    }
}
