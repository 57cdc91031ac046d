package import FunctionRuntimes
package import LogStorage
package import Logging
import ServiceLifecycle
import Synchronization
package import TimeSource

/// Carries the functions' output into their log groups.
///
/// The pool hands lines over on the thread that watches all processes, so taking them never waits: they queue here, up to a bound, and are
/// appended by `run`. What comes beyond the bound is lost, and counted in the log stream itself.
package final class FunctionLogForwarder: Service {
    private struct State {
        var batches: [FunctionLogBatch] = []
        var bytes = 0
        /// Lines lost since the last that was taken, by stream.
        var lost: [Stream: Int] = [:]
    }

    private struct Stream: Hashable {
        let group: LogGroupName
        let name: String

        init(_ batch: FunctionLogBatch) {
            group = LogGroupName(account: batch.account, name: batch.logGroup)
            name = batch.logStream
        }
    }

    private static let mostBytes = 16 << 20
    private static let largestAppend = 1 << 20
    private static let pause = Duration.milliseconds(100)
    private static let mostTries = 20

    private let store: LogStore
    private let clock: any ClockSource
    private let logger: Logger
    private let state = Mutex(State())
    private let signal: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// A forwarder into a store.
    package init(store: LogStore, clock: any ClockSource, logger: Logger) {
        self.store = store
        self.clock = clock
        self.logger = logger
        (signal, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Where the pool puts its lines.
    package var sink: FunctionLogSink {
        { batch in self.take(batch) }
    }

    /// Appends until the server stops, and then what is left.
    package func run() async throws {
        await withGracefulShutdownHandler {
            for await _ in signal { await appendAll() }
            await appendAll()
        } onGracefulShutdown: {
            self.bell.finish()
        }
    }

    private func take(_ batch: FunctionLogBatch) {
        let size = batch.records.reduce(0) { $0 + $1.message.utf8.count }
        state.withLock { state in
            guard state.bytes == 0 || state.bytes + size <= FunctionLogForwarder.mostBytes else {
                state.lost[Stream(batch), default: 0] += batch.records.count
                return
            }
            state.batches.append(batch)
            state.bytes += size
        }
        bell.yield()
    }

    private func appendAll() async {
        while true {
            let (batches, lost) = state.withLock { state in
                defer { state = State() }
                return (state.batches, state.lost)
            }
            guard !batches.isEmpty || !lost.isEmpty else { return }
            var pending: (stream: Stream, entries: [LogEntry], size: Int)?
            for batch in batches {
                let stream = Stream(batch)
                let entries = batch.records.map { LogEntry(timestamp: $0.timestamp, message: Array($0.message.utf8)) }
                let size = entries.reduce(0) { $0 + $1.message.count }
                if let waiting = pending, waiting.stream != stream || waiting.size + size > FunctionLogForwarder.largestAppend {
                    await append(waiting.entries, to: waiting.stream)
                    pending = nil
                }
                pending = (stream, (pending?.entries ?? []) + entries, (pending?.size ?? 0) + size)
            }
            if let pending { await append(pending.entries, to: pending.stream) }
            for (stream, count) in lost {
                logger.warning("lines of a function's log were lost", metadata: ["log-group": "\(stream.group)", "count": "\(count)"])
                let text = "\(count) lines were lost: the function wrote faster than the server could store.\n"
                await append([LogEntry(timestamp: clock.now, message: Array(text.utf8))], to: stream)
            }
        }
    }

    private func append(_ entries: [LogEntry], to stream: Stream) async {
        for _ in 0..<FunctionLogForwarder.mostTries {
            do throws(LogStoreError) {
                try await store.append(entries, to: stream.name, in: stream.group, durability: .buffered)
                return
            } catch {
                switch error.code {
                case .groupNotFound, .streamNotFound:
                    do throws(LogStoreError) {
                        try await store.ensureGroup(stream.group)
                        try await store.ensureStream(stream.name, in: stream.group)
                    } catch {
                        logger.warning("a function's log stream cannot be made", metadata: ["error": "\(error)"])
                        return
                    }
                case .overloaded: try? await clock.sleep(for: FunctionLogForwarder.pause)
                default:
                    logger.warning(
                        "a function's log cannot be stored", metadata: ["log-group": "\(stream.group)", "error": "\(error)"])
                    return
                }
            }
        }
        logger.warning("a function's log cannot be stored: the log store is overloaded", metadata: ["log-group": "\(stream.group)"])
    }
}
