/// Something for the writer's thread to do.
enum WriterJob: Sendable {
    case append(AppendRequest)
    /// Any other change; it is answered after what it wrote is on the disk.
    case change(@Sendable (inout LogWriter) -> Void)
}

/// An append on its way to the writer.
struct AppendRequest: Sendable {
    let group: LogGroupName
    let stream: String
    let entries: [LogEntry]
    let source: SourceRange?
    let durability: LogDurability
    let reply: @Sendable (Result<LogAppendResult, LogStoreError>) -> Void
}
