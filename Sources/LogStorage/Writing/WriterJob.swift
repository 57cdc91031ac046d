/// Something for the writer's thread to do.
enum WriterJob: Sendable {
    case append(AppendRequest)
    /// Any other change; it is answered after what it wrote is on the disk.
    case change(@Sendable (inout LogWriter) -> Void)
}

/// An append on its way to the writer.
struct AppendRequest: Sendable {
    /// The group.
    let group: LogGroupName
    /// The stream in it.
    let stream: String
    /// The events, possibly none when a source is given.
    let entries: [LogEntry]
    /// The piece of the source that they cover.
    let source: SourceRange?
    /// When to answer.
    let durability: LogDurability
    /// Called exactly once, from the writer's thread.
    let reply: @Sendable (Result<LogAppendResult, LogStoreError>) -> Void
}
