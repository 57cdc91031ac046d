import TimeSource

/// What is remembered of a log stream. It always has at least one segment, whose header carries its name.
struct StreamState: Sendable {
    /// Its number in the group, never used again.
    let number: Int
    /// Its name.
    let name: String
    /// When it was created.
    let createdAt: Int64
    /// Its random bits.
    let identity: StreamIdentity
    /// Oldest first.
    var segments: [SegmentState]

    /// The time of the earliest event.
    var firstEventAt: Int64? { segments.lazy.compactMap(\.minimumTimestamp).min() }
    /// The time of the latest event.
    var lastEventAt: Int64? { segments.lazy.compactMap(\.maximumTimestamp).max() }
    /// When the last event was taken in.
    var lastIngestedAt: Int64? { segments.lazy.compactMap(\.lastIngestedAt).max() }
    /// The bytes of all messages.
    var storedBytes: Int64 { segments.reduce(0) { $0 + $1.storedBytes } }
    /// Up to where its source is stored.
    var sourceOffset: Int64? { segments.last?.sourceOffset }

    /// The stream as callers see it.
    var description: LogStream {
        LogStream(
            name: name, createdAt: Timestamp(milliseconds: createdAt), firstEventAt: firstEventAt.map(Timestamp.init(milliseconds:)),
            lastEventAt: lastEventAt.map(Timestamp.init(milliseconds:)),
            lastIngestedAt: lastIngestedAt.map(Timestamp.init(milliseconds:)), storedBytes: storedBytes)
    }

    /// The header of its next segment.
    func header(for segment: Int) -> SegmentHeader {
        SegmentHeader(streamName: name, createdAt: createdAt, identity: identity, sourceOffset: sourceOffset)
    }
}
