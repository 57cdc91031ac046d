package import Engine
package import LogStorage
package import TimeSource

/// Writes the output of commands into log groups, a line an event.
package struct CommandLogWriter: CommandOutputLog {
    /// How much one append carries, in bytes of lines.
    private static let batchBytes = 1 << 20

    private let store: LogStore
    private let clock: any ClockSource

    /// A writer into this store.
    package init(store: LogStore, clock: any ClockSource) {
        self.store = store
        self.clock = clock
    }

    package func append(
        _ pieces: [OutputPiece], unlogged: [UInt8], logged: Int64, endedAt: Timestamp?, to destination: CommandLogDestination
    ) async throws -> (logged: Int64, unlogged: [UInt8]) {
        let group = LogGroupName(account: destination.account, name: destination.group)
        var lines = Lines(from: logged)
        lines.take(unlogged, at: endedAt ?? pieces.first?.writtenAt ?? clock.now)
        for piece in pieces { lines.take(piece) }
        if let endedAt { lines.finish(at: endedAt) }
        for batch in lines.batches(of: CommandLogWriter.batchBytes) {
            try await append(batch, to: destination.stream, in: group)
        }
        return (lines.completed, lines.rest)
    }

    private func append(_ batch: Lines.Batch, to stream: String, in group: LogGroupName) async throws {
        var batch = batch
        // Each of these can happen once or twice in a row: the stream is new, it holds part of the batch, or it was deleted meanwhile.
        for _ in 0..<6 {
            do throws(LogStoreError) {
                try await store.append(
                    batch.lines.map(\.entry), to: stream, in: group, source: SourceRange(start: batch.start, end: batch.end))
                return
            } catch {
                switch (error.code, error.expectedSourceOffset) {
                case (.groupNotFound, _), (.streamNotFound, _):
                    try await store.ensureGroup(group)
                    try await store.ensureStream(stream, in: group)
                case (.sourceOffsetMismatch, let expected?) where expected >= batch.end:
                    return
                case (.sourceOffsetMismatch, let expected?) where expected > batch.start:
                    batch.drop(before: expected)
                case (.sourceOffsetMismatch, let expected?):
                    // The stream was deleted and begins anew, or the node lost output: the gap holds nothing.
                    try await store.append(
                        [], to: stream, in: group, source: SourceRange(start: expected, end: batch.start))
                default:
                    throw error
                }
            }
        }
        throw CommandLogUnsettled()
    }
}

/// A log stream changed with every attempt to write to it.
struct CommandLogUnsettled: Error {}

/// Lines with the bytes of the source that they cover.
private struct Lines {
    struct Line {
        let entry: LogEntry
        /// Where in the source it ends, its line break included.
        let end: Int64
    }

    struct Batch {
        var start: Int64
        var end: Int64
        var lines: [Line]

        mutating func drop(before offset: Int64) {
            lines.removeAll { $0.end <= offset }
            start = offset
        }
    }

    private let start: Int64
    private var assembler: LineAssembler
    private var pending: [UInt8] = []
    private var lines: [Line] = []

    init(from offset: Int64) {
        start = offset
        assembler = LineAssembler(startingAt: offset)
    }

    /// Until where lines are complete.
    var completed: Int64 { assembler.completedBytes }
    /// What follows: the beginning of a line.
    var rest: [UInt8] { pending }

    mutating func take(_ piece: OutputPiece) {
        if piece.offset > completed + Int64(pending.count) {
            // Bytes were lost before this piece.
            finish(at: piece.writtenAt)
            assembler = LineAssembler(startingAt: piece.offset)
        }
        take(piece.bytes, at: piece.writtenAt)
    }

    mutating func take(_ bytes: [UInt8], at instant: Timestamp) {
        // Line by line, so that each one's end in the source is known.
        var rest = bytes[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x0A).map { $0 + 1 } ?? rest.endIndex
            let part = rest[..<end]
            pending += part
            let complete = assembler.append(part)
            var position = lines.last?.end ?? start
            for (index, line) in complete.enumerated() {
                // Only the last of several ends with a line break; the others were cut for their length.
                position = index == complete.count - 1 ? assembler.completedBytes : position + Int64(line.count)
                add(line, end: position, at: instant)
            }
            pending = Array(pending.suffix(assembler.pendingCount))
            rest = rest[end...]
        }
    }

    mutating func finish(at instant: Timestamp) {
        if let line = assembler.finish() { add(line, end: assembler.completedBytes, at: instant) }
        pending = []
    }

    private mutating func add(_ line: [UInt8], end: Int64, at instant: Timestamp) {
        // Log events are never empty; an empty line of a script is shown as a blank, as Systems Manager's agent does.
        lines.append(Line(entry: LogEntry(timestamp: instant, message: line.isEmpty ? [0x20] : line), end: end))
    }

    func batches(of size: Int) -> [Batch] {
        var batches: [Batch] = []
        var batch = Batch(start: start, end: start, lines: [])
        var bytes = 0
        for line in lines {
            if bytes + line.entry.message.count > size, !batch.lines.isEmpty {
                batches.append(batch)
                batch = Batch(start: batch.end, end: batch.end, lines: [])
                bytes = 0
            }
            batch.lines.append(line)
            batch.end = line.end
            bytes += line.entry.message.count
        }
        if !batch.lines.isEmpty { batches.append(batch) }
        return batches
    }
}
