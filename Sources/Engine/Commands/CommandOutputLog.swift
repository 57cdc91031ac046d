package import TimeSource

/// A piece of a stream as it came from a node.
package struct OutputPiece: Sendable, Hashable {
    /// Where it begins in its stream.
    package var offset: Int64
    /// Its bytes.
    package var bytes: [UInt8]
    /// When the job wrote it, by the node's clock.
    package let writtenAt: Timestamp

    /// A piece.
    package init(offset: Int64, bytes: [UInt8], writtenAt: Timestamp) {
        self.offset = offset
        self.bytes = bytes
        self.writtenAt = writtenAt
    }

    /// Where it ends.
    package var end: Int64 { offset + Int64(bytes.count) }
}

/// Which log stream a stream of output goes to.
package struct CommandLogDestination: Sendable, Hashable {
    /// The account of the log group.
    package let account: String
    /// The log group.
    package let group: String
    /// The log stream: `COMMAND-ID/INSTANCE-ID/PLUGIN/stdout`.
    package let stream: String

    /// A destination.
    package init(account: String, group: String, stream: String) {
        self.account = account
        self.group = group
        self.stream = stream
    }
}

/// Where the output of commands is kept in full, line by line.
package protocol CommandOutputLog: Sendable {
    /// Appends the lines that pieces complete, durably. The same bytes again are not stored again.
    ///
    /// - Parameters:
    ///   - pieces: in order, the first one right behind `unlogged` unless the node lost bytes.
    ///   - unlogged: the beginning of a line that came before.
    ///   - logged: where `unlogged` begins: what lies before is in the log.
    ///   - endedAt: set when no more comes: then the last line needs no end.
    /// - Returns: the new `logged` and `unlogged`.
    /// - Throws: when nothing, or not everything, could be stored; the caller comes again with the same.
    func append(
        _ pieces: [OutputPiece], unlogged: [UInt8], logged: Int64, endedAt: Timestamp?, to destination: CommandLogDestination
    ) async throws -> (logged: Int64, unlogged: [UInt8])
}
