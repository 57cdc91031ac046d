/// What is remembered of one segment file.
struct SegmentState: Sendable {
    /// A run of frames that is read at once.
    struct Chunk: Sendable, Equatable {
        var offset: Int64
        var length: Int64
        /// The times of the earliest and the latest event in it.
        var minimumTimestamp: Int64
        var maximumTimestamp: Int64
        var storedBytes: Int64
    }

    /// Its number in the stream, which names its file.
    let number: Int
    /// Up to where the file is valid.
    var length: Int64
    /// Up to where it is known to be on the disk.
    var durableLength: Int64
    /// The runs it consists of, in the order of the file.
    var chunks: [Chunk] = []
    /// The bytes of all messages.
    var storedBytes: Int64 = 0
    /// The time of its earliest event.
    var minimumTimestamp: Int64?
    /// The time of its latest event.
    var maximumTimestamp: Int64?
    /// When its first event was taken in.
    var firstIngestedAt: Int64?
    /// When its last event was taken in.
    var lastIngestedAt: Int64?
    /// What the stream remembers of its source after this segment.
    var sourceOffset: Int64?
    /// One more than the highest event number in it.
    var nextSequence: Int64 = 0
    /// Nothing more may be appended, because bytes of a failed write may stand behind its end.
    var isSealed = false

    /// A segment that holds its header only.
    init(number: Int, length: Int64, sourceOffset: Int64?) {
        (self.number, self.length, self.sourceOffset) = (number, length, sourceOffset)
        durableLength = 0
    }

    /// Takes note of a frame of `frameLength` bytes that was appended.
    mutating func add(_ batch: EventBatch, frameLength: Int64, indexInterval: Int64) {
        if let last = chunks.last, last.length < indexInterval {
            chunks[chunks.count - 1].length += frameLength
            chunks[chunks.count - 1].minimumTimestamp = min(last.minimumTimestamp, batch.minimumTimestamp)
            chunks[chunks.count - 1].maximumTimestamp = max(last.maximumTimestamp, batch.maximumTimestamp)
            chunks[chunks.count - 1].storedBytes += batch.storedBytes
        } else {
            chunks.append(
                Chunk(
                    offset: length, length: frameLength, minimumTimestamp: batch.minimumTimestamp,
                    maximumTimestamp: batch.maximumTimestamp, storedBytes: batch.storedBytes))
        }
        length += frameLength
        storedBytes += batch.storedBytes
        sourceOffset = batch.sourceEnd ?? sourceOffset
        guard batch.count > 0 else { return }
        minimumTimestamp = min(minimumTimestamp ?? .max, batch.minimumTimestamp)
        maximumTimestamp = max(maximumTimestamp ?? .min, batch.maximumTimestamp)
        firstIngestedAt = firstIngestedAt ?? batch.ingestedAt
        lastIngestedAt = max(lastIngestedAt ?? .min, batch.ingestedAt)
        nextSequence = batch.firstSequence + Int64(batch.count)
    }
}
