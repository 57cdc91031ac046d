import TimeSource

/// The frame of one append: all of its events or none.
struct EventBatch {
    /// The number of its first event; the others follow.
    var firstSequence: Int64
    /// When it was taken in.
    var ingestedAt: Int64
    /// What the stream's source offset becomes, nil when it stays.
    var sourceEnd: Int64?
    /// How many events it has.
    var count: Int
    /// The time of its earliest event.
    var minimumTimestamp: Int64
    /// The time of its latest event.
    var maximumTimestamp: Int64
    /// The bytes of the messages.
    var storedBytes: Int64
    /// Where the events stand in the buffer that was decoded.
    var content: Range<Int>

    private static let bytesPerEvent = 12

    /// The frame of a batch.
    static func encode(_ entries: [LogEntry], firstSequence: Int64, ingestedAt: Int64, sourceEnd: Int64?) -> [UInt8] {
        let size = entries.reduce(64) { $0 + $1.message.count + bytesPerEvent }
        return Frame.make(.events, capacity: size) { writer in
            writer.append(firstSequence)
            writer.append(ingestedAt)
            writer.append(sourceEnd)
            writer.append(UInt32(entries.count))
            // The bounds of an empty batch are never looked at.
            writer.append(entries.lazy.map(\.timestamp.milliseconds).min() ?? .max)
            writer.append(entries.lazy.map(\.timestamp.milliseconds).max() ?? .min)
            for entry in entries {
                writer.append(entry.timestamp.milliseconds)
                writer.append(UInt32(entry.message.count))
                writer.append(entry.message)
            }
        }
    }

    /// Reads what precedes the events in the content of an `events` frame.
    init?(_ bytes: [UInt8], _ content: Range<Int>) {
        var reader = ByteReader(bytes, content)
        guard let firstSequence = reader.integer(Int64.self), let ingestedAt = reader.integer(Int64.self),
            let sourceEnd = reader.optional(), let count = reader.integer(UInt32.self),
            let minimum = reader.integer(Int64.self), let maximum = reader.integer(Int64.self)
        else { return nil }
        (self.firstSequence, self.ingestedAt, self.sourceEnd, self.count) = (firstSequence, ingestedAt, sourceEnd, Int(count))
        (minimumTimestamp, maximumTimestamp) = (minimum, maximum)
        self.content = reader.position..<content.upperBound
        storedBytes = Int64(self.content.count - self.count * Self.bytesPerEvent)
        guard storedBytes >= 0 else { return nil }
    }

    /// Calls `body` with time, number and message of each event, in the order of the append; false when the content is malformed.
    func forEach(in bytes: [UInt8], _ body: (Int64, Int64, ArraySlice<UInt8>) -> Void) -> Bool {
        var reader = ByteReader(bytes, content)
        for index in 0..<count {
            guard let timestamp = reader.integer(Int64.self), let length = reader.integer(UInt32.self),
                let message = reader.slice(Int(length))
            else { return false }
            body(timestamp, firstSequence + Int64(index), message)
        }
        return true
    }
}
