import TimeSource

/// What is remembered of a log stream. It always has at least one segment, whose header carries its name.
struct StreamState: Sendable {
    let number: Int
    let name: String
    let createdAt: Int64
    let identity: StreamIdentity
    /// Oldest first.
    var segments: [SegmentState]

    var firstEventAt: Int64? { segments.lazy.compactMap(\.minimumTimestamp).min() }
    var lastEventAt: Int64? { segments.lazy.compactMap(\.maximumTimestamp).max() }
    var lastIngestedAt: Int64? { segments.lazy.compactMap(\.lastIngestedAt).max() }
    var storedBytes: Int64 { segments.reduce(0) { $0 + $1.storedBytes } }
    var sourceOffset: Int64? { segments.last?.sourceOffset }

    var description: LogStream {
        LogStream(
            name: name, createdAt: Timestamp(milliseconds: createdAt), firstEventAt: firstEventAt.map(Timestamp.init(milliseconds:)),
            lastEventAt: lastEventAt.map(Timestamp.init(milliseconds:)),
            lastIngestedAt: lastIngestedAt.map(Timestamp.init(milliseconds:)), storedBytes: storedBytes)
    }

    func header(for segment: Int) -> SegmentHeader {
        SegmentHeader(streamName: name, createdAt: createdAt, identity: identity, sourceOffset: sourceOffset)
    }
}
