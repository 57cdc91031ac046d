/// Limits of a log store. The defaults suit a server; tests make them small.
package struct LogStoreOptions: Sendable {
    /// A segment file that reaches this size is followed by a new one, in bytes.
    package var segmentSize: Int64 = 8 << 20
    /// In a group with a retention a segment is followed by a new one after this time, so that it can expire.
    package var segmentAge: Duration = .seconds(86_400)
    /// How much of a segment one entry of the in-memory index covers, in bytes.
    package var indexInterval: Int64 = 64 << 10
    /// The most that one append may hold, in bytes of messages.
    package var maximumBatchSize = 4 << 20
    /// The most that may wait for the writer, in bytes of messages.
    package var maximumQueuedBytes = 64 << 20
    /// How long a buffered append may stay off the disk.
    package var flushInterval: Duration = .seconds(1)
    /// How many threads synchronise the files of one round.
    package var synchroniserThreads = 8
    /// How many segment files stay open for writing.
    package var maximumOpenFiles = 128
    /// How much one call of `filter` reads before it answers with what it has, in bytes.
    package var scanLimit: Int64 = 16 << 20
    /// The most that one page holds, in bytes of messages; a single larger event is a page of its own.
    package var pageSize = 1 << 20
    /// How many threads serve reads.
    package var readerThreads = 2
    /// How many updates a live tail may lag behind before it loses some.
    package var tailBacklog = 64
    /// Called once, from the writer's thread, when the disk failed in a way that makes further writes unsafe. The process should end:
    /// whatever was acknowledged as flushed is on the disk, and a restart finds it.
    package var onFatalFailure: @Sendable (LogStoreError) -> Void = { _ in }
    /// Makes file operations fail in tests: given the operation and the path, returns an `errno` or nil.
    var faults: FileFaults?

    /// The defaults.
    package init() {}
}
