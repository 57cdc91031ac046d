/// The index file of a group: what `SegmentState` knows of its segments, so that a start reads no old data.
///
/// It is a cache. It speaks only of bytes that were on the disk when it was made, and each entry is used only while its file is at
/// least that long; what stands behind is scanned. A missing or damaged index costs time, nothing else.
struct GroupIndex {
    private static let version: UInt16 = 1

    /// What is known of a stream.
    struct Stream {
        var name: String
        var createdAt: Int64
        var identity: StreamIdentity
        var segments: [SegmentState]
    }

    /// The group's counter of streams.
    var nextStreamNumber = 1
    /// The group's counter of events.
    var nextSequence: Int64 = 1
    /// The streams by number.
    var streams: [Int: Stream] = [:]

    /// An index that knows nothing.
    init() {}

    /// What a group's state says of durable segments.
    init(_ group: GroupState) {
        nextStreamNumber = group.nextStreamNumber
        nextSequence = group.nextSequence
        for (number, stream) in group.streams {
            let durable = stream.segments.filter { $0.durableLength == $0.length && !$0.isSealed }
            streams[number] = Stream(name: stream.name, createdAt: stream.createdAt, identity: stream.identity, segments: durable)
        }
    }

    /// The file's content.
    func encoded() -> [UInt8] {
        var bytes = Frame.make(.indexHeader) { writer in
            writer.append(Self.version)
            writer.append(Int64(nextStreamNumber))
            writer.append(nextSequence)
        }
        for (number, stream) in streams {
            bytes += Frame.make(.indexStream, capacity: 256) { writer in
                writer.append(Int64(number))
                writer.append(stream.createdAt)
                writer.append(stream.identity.high)
                writer.append(stream.identity.low)
                writer.append(stream.name)
                writer.append(UInt32(stream.segments.count))
                for segment in stream.segments { Self.encode(segment, to: &writer) }
            }
        }
        return bytes + Frame.make(.indexEnd) { $0.append(UInt32(streams.count)) }
    }

    /// Nil when the file is not whole or of another version.
    static func decode(_ bytes: [UInt8]) -> GroupIndex? {
        var index = GroupIndex()
        var offset = 0
        while let (kind, content) = Frame.body(in: bytes, at: offset) {
            var reader = ByteReader(bytes, content)
            switch kind {
            case .indexHeader:
                guard reader.integer(UInt16.self) == version, let next = reader.integer(Int64.self),
                    let sequence = reader.integer(Int64.self)
                else { return nil }
                (index.nextStreamNumber, index.nextSequence) = (Int(next), sequence)
            case .indexStream:
                guard let number = reader.integer(Int64.self), let stream = decodeStream(&reader) else { return nil }
                index.streams[Int(number)] = stream
            case .indexEnd:
                return reader.integer(UInt32.self) == UInt32(index.streams.count) ? index : nil
            default:
                return nil
            }
            offset = content.upperBound
        }
        return nil
    }

    private static func encode(_ segment: SegmentState, to writer: inout ByteWriter) {
        writer.append(Int64(segment.number))
        writer.append(segment.length)
        writer.append(segment.minimumTimestamp)
        writer.append(segment.maximumTimestamp)
        writer.append(segment.firstIngestedAt)
        writer.append(segment.lastIngestedAt)
        writer.append(segment.sourceOffset)
        writer.append(segment.nextSequence)
        writer.append(UInt32(segment.chunks.count))
        for chunk in segment.chunks {
            writer.append(chunk.offset)
            writer.append(chunk.length)
            writer.append(chunk.minimumTimestamp)
            writer.append(chunk.maximumTimestamp)
            writer.append(chunk.storedBytes)
        }
    }

    private static func decodeStream(_ reader: inout ByteReader) -> Stream? {
        guard let createdAt = reader.integer(Int64.self), let high = reader.integer(UInt64.self),
            let low = reader.integer(UInt64.self), let name = reader.text(), let count = reader.integer(UInt32.self)
        else { return nil }
        var stream = Stream(name: name, createdAt: createdAt, identity: StreamIdentity(high: high, low: low), segments: [])
        for _ in 0..<count {
            guard let segment = decodeSegment(&reader) else { return nil }
            stream.segments.append(segment)
        }
        return stream
    }

    private static func decodeSegment(_ reader: inout ByteReader) -> SegmentState? {
        guard let number = reader.integer(Int64.self), let length = reader.integer(Int64.self), let minimum = reader.optional(),
            let maximum = reader.optional(), let firstIngestedAt = reader.optional(), let lastIngestedAt = reader.optional(),
            let sourceOffset = reader.optional(), let nextSequence = reader.integer(Int64.self), let count = reader.integer(UInt32.self)
        else { return nil }
        var segment = SegmentState(number: Int(number), length: length, sourceOffset: sourceOffset)
        segment.durableLength = length
        (segment.minimumTimestamp, segment.maximumTimestamp) = (minimum, maximum)
        (segment.firstIngestedAt, segment.lastIngestedAt) = (firstIngestedAt, lastIngestedAt)
        segment.nextSequence = nextSequence
        for _ in 0..<count {
            guard let offset = reader.integer(Int64.self), let length = reader.integer(Int64.self),
                let minimum = reader.integer(Int64.self), let maximum = reader.integer(Int64.self),
                let storedBytes = reader.integer(Int64.self)
            else { return nil }
            segment.chunks.append(
                .init(
                    offset: offset, length: length, minimumTimestamp: minimum, maximumTimestamp: maximum, storedBytes: storedBytes))
            segment.storedBytes += storedBytes
        }
        return segment
    }
}
