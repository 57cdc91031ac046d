package import AgentProtocol
package import Engine
package import Store
import Synchronization
package import TimeSource

/// The newest output of streams that somebody follows, in memory: what lies beyond the beginning that the database keeps passes by here.
///
/// Nothing is remembered of streams that nobody has asked for lately, and no more than so many bytes of all. What is kept for good
/// is the next sink's matter.
package final class LiveOutput: CommandOutputSink {
    private struct Followed {
        /// Where `bytes` begins in its stream.
        var offset: Int64
        var bytes: [UInt8] = []
        var askedAt: MonotonicInstant
    }

    private static let streamLimit = 1 << 20
    private static let totalLimit = 64 << 20
    /// Whoever follows asks several times a second.
    private static let patience = Duration.seconds(30)

    private let next: any CommandOutputSink
    private let clock: any ClockSource
    private let streams = Mutex<[CommandOutputStore.StreamKey: Followed]>([:])

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
        streams.withLock { streams in
            guard var followed = streams[stream] else { return }
            if clock.monotonic - followed.askedAt > LiveOutput.patience {
                streams[stream] = nil
                return
            }
            streams[stream] = nil
            for piece in pieces {
                let end = followed.offset + Int64(followed.bytes.count)
                guard piece.end > end else { continue }
                if piece.offset > end { (followed.offset, followed.bytes) = (piece.offset, []) }
                followed.bytes += piece.bytes[max(0, Int(end - piece.offset))...]
            }
            let excess = followed.bytes.count - LiveOutput.streamLimit
            if excess > 0 {
                followed.bytes.removeFirst(excess)
                followed.offset += Int64(excess)
            }
            streams[stream] = followed
        }
    }

    /// What passed by at an offset or behind it, with where it begins; nil when nothing did. From now on more is remembered.
    func bytes(of stream: CommandOutputStore.StreamKey, from offset: Int64) -> (offset: Int64, bytes: [UInt8])? {
        let now = clock.monotonic
        return streams.withLock { streams in
            if streams[stream] == nil {
                streams = streams.filter { now - $0.value.askedAt <= LiveOutput.patience }
                guard streams.count < LiveOutput.totalLimit / LiveOutput.streamLimit else { return nil }
                streams[stream] = Followed(offset: offset, askedAt: now)
                return nil
            }
            guard let followed = streams[stream] else { return nil }
            streams[stream]?.askedAt = now
            let end = followed.offset + Int64(followed.bytes.count)
            guard end > offset else { return nil }
            return followed.offset >= offset
                ? (followed.offset, followed.bytes) : (offset, Array(followed.bytes[Int(offset - followed.offset)...]))
        }
    }
}
