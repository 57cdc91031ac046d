package import TimeSource

/// What is known of a log group.
package struct LogGroup: Hashable, Sendable {
    /// Its name and account.
    package let name: LogGroupName
    /// When it was created.
    package let createdAt: Timestamp
    /// How many days its events are kept; nil keeps them for ever.
    package let retentionInDays: Int?
    /// Its tags.
    package let tags: [String: String]
    /// The bytes of all messages in it.
    package let storedBytes: Int64
}

/// What is known of a log stream.
package struct LogStream: Hashable, Sendable {
    /// Its name within the group.
    package let name: String
    /// When it was created.
    package let createdAt: Timestamp
    /// The earliest time of an event in it, nil when it is empty.
    package let firstEventAt: Timestamp?
    /// The latest time of an event in it, nil when it is empty.
    package let lastEventAt: Timestamp?
    /// When the last event was taken in, nil when none ever was.
    package let lastIngestedAt: Timestamp?
    /// The bytes of all messages in it.
    package let storedBytes: Int64
}

/// An event to be appended.
package struct LogEntry: Hashable, Sendable {
    /// When it occurred.
    package var timestamp: Timestamp
    /// Its message; any bytes.
    package var message: [UInt8]

    /// An event that occurred at `timestamp`.
    package init(timestamp: Timestamp, message: [UInt8]) {
        self.timestamp = timestamp
        self.message = message
    }
}

/// An event as it is stored.
package struct LogEvent: Hashable, Sendable {
    /// The stream that it lies in.
    package let streamName: String
    /// When it occurred.
    package let timestamp: Timestamp
    /// When it was taken in.
    package let ingestedAt: Timestamp
    /// Its message.
    package let message: [UInt8]
    /// Its id, 56 decimal digits as CloudWatch Logs makes them; unique, and the same at each reading.
    package let id: String

    /// The message as text; bytes that are no UTF-8 become U+FFFD.
    package var text: String { String(decoding: message, as: UTF8.self) }
}

/// When an append is answered.
package enum LogDurability: Sendable {
    /// After the events reached the disk.
    case flushed
    /// After they were handed to the system; they reach the disk within `LogStoreOptions.flushInterval`.
    case buffered
}

/// The bytes of a source (a command's output, say) that an append covers, so that a piece sent twice is stored once.
package struct SourceRange: Hashable, Sendable {
    /// Where the piece begins: the end of the one before, 0 for the first.
    package var start: Int64
    /// Where it ends.
    package var end: Int64

    /// The piece from `start` up to, not including, `end`.
    package init(start: Int64, end: Int64) {
        self.start = start
        self.end = end
    }
}

/// What became of an append.
package enum LogAppendResult: Hashable, Sendable {
    /// The events are stored.
    case appended
    /// Their piece of the source was stored before; nothing was changed.
    case duplicate
}
