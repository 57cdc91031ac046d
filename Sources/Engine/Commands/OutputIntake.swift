import AgentProtocol
import Store
import TimeSource

/// Takes in the output of commands: to the log and the sink in full, to the database as far as the API shows it. Each byte once, by its
/// offset.
///
/// The database comes last and says how far all have it. A crash before that has the same bytes come again: the log remembers how far it
/// has each stream, and the sink stores by offset.
struct OutputIntake: Sendable {
    /// The API shows 24,000 characters; in UTF-8 a character has four bytes at most.
    static let keptBytes: Int64 = 24_000 * 4

    let database: any Database
    let log: any CommandOutputLog
    var sink: (any CommandOutputSink)?

    /// Makes pieces of output durable.
    /// - Returns: how far each stream is, for the node.
    func take(
        _ chunks: [OutputChunk], of key: InvocationRecord.Key, command: CommandRecord, steps: [PluginStep]
    ) async throws -> [ServerMessage] {
        var streams: [OutputStream] = []
        var pieces: [OutputStream: [OutputPiece]] = [:]
        for chunk in chunks where steps.indices.contains(chunk.stream.step) {
            if pieces[chunk.stream] == nil { streams.append(chunk.stream) }
            pieces[chunk.stream, default: []].append(
                OutputPiece(
                    offset: chunk.offset, bytes: chunk.bytes, writtenAt: Timestamp(milliseconds: chunk.writtenAtMilliseconds)))
        }
        var replies: [ServerMessage] = []
        for stream in streams {
            guard let attempt = chunks.first?.attempt else { break }
            let streamKey = CommandOutputStore.StreamKey(
                invocation: key, attempt: attempt.number, step: stream.step, stream: stream.kind.rawValue)
            let destination = destination(of: stream.kind.rawValue, key, command, steps[stream.step])
            let received = try await store(pieces[stream] ?? [], in: streamKey, to: destination) { fresh in
                guard let sink, sink.wants(command) else { return }
                try await sink.stage(fresh, of: streamKey, command: command, step: steps[stream.step])
            }
            replies.append(.acknowledged(attempt, stream, offset: received))
        }
        return replies
    }

    /// Logs what was the beginning of a line when the job ended.
    func finish(
        _ key: InvocationRecord.Key, attempt: Int, command: CommandRecord, steps: [PluginStep], endedAt: Timestamp
    ) async throws {
        guard command.logGroup != nil else { return }
        let streams = try await database.read { try CommandOutputStore.streams(of: key, attempt: attempt, in: $0) }
        for (streamKey, position) in streams where !position.unlogged.isEmpty && steps.indices.contains(streamKey.step) {
            guard let destination = destination(of: streamKey.stream, key, command, steps[streamKey.step]) else { continue }
            let result = try await log.append(
                [], unlogged: position.unlogged, logged: position.logged, endedAt: endedAt, to: destination)
            let end = CommandOutputStore.Position(
                received: position.received, logged: result.logged, unlogged: result.unlogged)
            try await database.apply([CommandOutputStore.advance(streamKey, from: position, to: end)])
        }
    }

    private func destination(
        of stream: String, _ key: InvocationRecord.Key, _ command: CommandRecord, _ step: PluginStep
    ) -> CommandLogDestination? {
        guard let group = command.logGroup else { return nil }
        return CommandLogDestination(
            account: command.account, group: group,
            stream: "\(command.id)/\(key.node)/\(CommandSteps.streamName(of: step))/\(stream)")
    }

    private func store(
        _ pieces: [OutputPiece], in key: CommandOutputStore.StreamKey, to destination: CommandLogDestination?,
        stage: (_ fresh: [OutputPiece]) async throws -> Void
    ) async throws -> Int64 {
        // A report that a lost connection cut off may still be at work on the same stream: then this one looks again.
        while true {
            let old = try await database.read { try CommandOutputStore.position(of: key, in: $0) }
            let position = old ?? .start
            let fresh = OutputPiece.fresh(pieces, from: position.received)
            guard let last = fresh.last else { return position.received }
            try await stage(fresh)
            var new = position
            new.received = last.end
            if let destination {
                let result = try await log.append(
                    fresh, unlogged: position.unlogged, logged: position.logged, endedAt: nil, to: destination)
                new.logged = result.logged
                new.unlogged = result.unlogged
            }
            let kept = OutputIntake.runs(fresh).map { CommandOutputStore.keep($0.bytes, at: $0.offset, of: key) }
            if try await database.applyUnlessConflict([CommandOutputStore.advance(key, from: old, to: new)] + kept) {
                return new.received
            }
        }
    }

    /// What the API may show of pieces, neighbours joined.
    static func runs(_ pieces: [OutputPiece]) -> [OutputPiece] {
        var runs: [OutputPiece] = []
        for var piece in pieces where piece.offset < keptBytes {
            piece.bytes = Array(piece.bytes.prefix(Int(keptBytes - piece.offset)))
            if let last = runs.indices.last, runs[last].end == piece.offset {
                runs[last].bytes += piece.bytes
            } else {
                runs.append(piece)
            }
        }
        return runs
    }
}
