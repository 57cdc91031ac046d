/// How much of one queue is in memory.
package struct QueueWindowLimits: Sendable {
    /// Ready messages before new ones are left to be read later.
    package var ready = 20_000
    /// Ready messages below which more are read ahead.
    package var low = 1_000
    /// Rows of one read, at most.
    package var page = 2_000
    /// Bytes of one read, about.
    package var pageBytes = 1_048_576
    /// Delayed messages of a standard queue.
    package var delayed = 100_000
    /// Messages of a FIFO queue in all.
    package var ordered = 60_000
    /// Messages of a standard queue that consumers may have at once (Amazon SQS Developer Guide, "Amazon SQS message quotas").
    package var inFlight = 120_000
    /// As `inFlight`, of a FIFO queue.
    package var orderedInFlight = 20_000

    /// The limits of a server.
    package init() {}
}
