package import AgentProtocol
package import Engine
package import Store
import Synchronization
package import TimeSource

/// The newest output of commands that somebody follows, in memory: what lies beyond the beginning that the database keeps passes by here.
///
/// Nothing is remembered of commands that nobody has asked for lately, and no more than so many bytes of all. What is kept for good
/// is the next sink's matter.
package final class LiveOutput: CommandOutputSink {
    private struct State {
        /// When somebody last asked for a command, by its number.
        var followed: [Int64: MonotonicInstant] = [:]
        /// Pieces in order, without overlaps.
        var streams: [CommandOutputStore.StreamKey: [OutputPiece]] = [:]
        var bytes = 0

        /// Forgets what nobody has asked for lately.
        mutating func forget(at now: MonotonicInstant) {
            for (command, askedAt) in followed where now - askedAt > LiveOutput.patience {
                followed[command] = nil
                for (stream, pieces) in streams where stream.invocation.command == command {
                    bytes -= pieces.reduce(0) { $0 + $1.bytes.count }
                    streams[stream] = nil
                }
            }
        }
    }

    private static let streamLimit = 4 << 20
    private static let totalLimit = 64 << 20
    /// Whoever follows asks several times a second.
    private static let patience = Duration.seconds(30)

    private let next: any CommandOutputSink
    private let clock: any ClockSource
    private let state = Mutex(State())

    /// A watch over output on its way to the next sink.
    package init(next: any CommandOutputSink, clock: any ClockSource) {
        self.next = next
        self.clock = clock
    }

    package func wants(_ command: CommandRecord) -> Bool { true }

    package func stage(
        _ pieces: [OutputPiece], of stream: CommandOutputStore.StreamKey, command: CommandRecord, step: PluginStep
    ) async throws {
        if next.wants(command) { try await next.stage(pieces, of: stream, command: command, step: step) }
        state.withLock { state in
            guard !state.followed.isEmpty else { return }
            state.forget(at: clock.monotonic)
            guard state.followed[command.number] != nil else { return }
            var known = state.streams.removeValue(forKey: stream) ?? []
            state.bytes -= known.reduce(0) { $0 + $1.bytes.count }
            known += OutputPiece.fresh(pieces, from: known.last?.end ?? 0)
            var size = known.reduce(0) { $0 + $1.bytes.count }
            var first = 0
            while first < known.count, size > LiveOutput.streamLimit || state.bytes + size > LiveOutput.totalLimit {
                size -= known[first].bytes.count
                first += 1
            }
            state.bytes += size
            state.streams[stream] = Array(known[first...])
        }
    }

    /// From now on, and for as long as this is said again and again, the output of a command is remembered.
    func follow(_ command: CommandRecord) {
        let now = clock.monotonic
        state.withLock { state in
            state.forget(at: now)
            state.followed[command.number] = now
        }
    }

    /// What passed by at an offset or behind it, with where it begins; nil when nothing did.
    func bytes(of stream: CommandOutputStore.StreamKey, from offset: Int64) -> (offset: Int64, bytes: [UInt8])? {
        state.withLock { state in
            guard let pieces = state.streams[stream], let first = pieces.firstIndex(where: { $0.end > offset }) else { return nil }
            let start = max(offset, pieces[first].offset)
            var bytes = Array(pieces[first].bytes[Int(start - pieces[first].offset)...])
            for piece in pieces[(first + 1)...] {
                guard piece.offset == start + Int64(bytes.count), bytes.count < CommandTailService.pieceSize else { break }
                bytes += piece.bytes
            }
            return (start, bytes)
        }
    }
}
