import Store
import TimeSource

/// Gives executions their numbers, which always grow within a shard: when the wall clock goes back, also between two lives of the
/// server, or thousands start within a millisecond, it counts on from the last.
struct ExecutionIDSource {
    private var millisecond: Timestamp
    private var sequence: Int

    private static let sequenceCount = 4_096

    /// Numbers after this one; nil when there is none yet.
    init(after last: ExecutionID?) {
        millisecond = last?.givenAt ?? .epoch
        // Another shard may have come further within the same millisecond.
        sequence = last == nil ? 0 : ExecutionIDSource.sequenceCount - 1
    }

    /// The number of an execution that starts at this instant.
    mutating func next(arn: String, startedAt: Timestamp) -> ExecutionID {
        if startedAt > millisecond {
            millisecond = startedAt
            sequence = 0
        } else {
            sequence += 1
        }
        if sequence == ExecutionIDSource.sequenceCount {
            millisecond = millisecond + .milliseconds(1)
            sequence = 0
        }
        // FNV-1a: stable over versions, as the shard is part of what is stored.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in arn.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return ExecutionID(
            startedAt: millisecond, shard: Int(hash % UInt64(ExecutionID.shardCount)), sequence: sequence)
    }
}
