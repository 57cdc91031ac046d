import Synchronization
import TimeSource

/// The log stream of one process: its output and the lines around each invocation, in order, to the sink.
final class ProcessLog: Sendable {
    /// Bytes of log that Invoke's `LogResult` may show.
    static let tailLength = 4_096

    private struct State {
        var splitter = LineSplitter()
        /// The end of what was logged since the last invocation finished.
        var tail: [UInt8] = []
    }

    /// The stream's name.
    let streamName: String
    private let specification: FunctionSpecification
    private let clock: any ClockSource
    private let sink: FunctionLogSink
    private let state = Mutex(State())

    /// A stream that has not been written to.
    init(streamName: String, specification: FunctionSpecification, clock: any ClockSource, sink: @escaping FunctionLogSink) {
        self.streamName = streamName
        self.specification = specification
        self.clock = clock
        self.sink = sink
    }

    /// Output of the process.
    func receive(_ bytes: some Sequence<UInt8>) {
        state.withLock { state in
            emit(state.splitter.append(bytes), &state)
        }
    }

    /// Lines of Lambda's own. What the process wrote without a line feed is completed first.
    func write(_ lines: [String]) {
        state.withLock { state in
            emit((state.splitter.finish().map { [$0] } ?? []) + lines, &state)
        }
    }

    /// Writes the last lines of an invocation and answers the end of its log.
    func finish(_ lines: [String]) -> [UInt8] {
        state.withLock { state in
            emit((state.splitter.finish().map { [$0] } ?? []) + lines, &state)
            defer { state.tail = [] }
            return state.tail
        }
    }

    /// The sink is called under the lock: that is what keeps the lines in order.
    private func emit(_ messages: [String], _ state: inout State) {
        guard !messages.isEmpty else { return }
        for message in messages { state.tail.append(contentsOf: message.utf8.suffix(Self.tailLength)) }
        if state.tail.count > Self.tailLength { state.tail.removeFirst(state.tail.count - Self.tailLength) }
        let now = clock.now
        sink(
            FunctionLogBatch(
                account: specification.account, logGroup: specification.logGroup, logStream: streamName,
                records: messages.map { FunctionLogRecord(timestamp: now, message: $0) }))
    }
}
