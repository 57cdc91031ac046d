package import TimeSource

/// An execution's number: 41 bits of milliseconds since 2020, 10 bits of shard, 12 bits of sequence. Growing with time, so
/// rows are appended at the end of their tables.
package struct ExecutionID: Hashable, Comparable, Sendable {
    /// The number as stored.
    package let value: Int64

    /// How many logical shards there are, fixed for ever.
    package static let shardCount = 1024

    private static let epoch: Int64 = 1_577_836_800_000

    /// The id that is stored as this number.
    package init(value: Int64) {
        self.value = value
    }

    /// An id of this moment.
    package init(startedAt: Timestamp, shard: Int, sequence: Int) {
        precondition(shard >= 0 && shard < ExecutionID.shardCount && sequence >= 0 && sequence < 4096)
        value = max(0, startedAt.milliseconds - ExecutionID.epoch) << 22 | Int64(shard) << 12 | Int64(sequence)
    }

    /// The logical shard.
    package var shard: Int { Int(value >> 12) & 0x3FF }

    /// The millisecond in which it was given; the start, unless the wall clock went back.
    package var givenAt: Timestamp { Timestamp(milliseconds: (value >> 22) + ExecutionID.epoch) }

    /// The smallest id of a moment, for ranges by time.
    package static func first(at instant: Timestamp) -> ExecutionID {
        ExecutionID(value: max(0, instant.milliseconds - epoch) << 22)
    }

    package static func < (left: ExecutionID, right: ExecutionID) -> Bool { left.value < right.value }
}
