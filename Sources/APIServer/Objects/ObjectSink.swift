import HTTPTypes
import HummingbirdCore
import NIOCore
import Services

/// Sends the body of an object to a client, piece by piece, no faster than the client takes it.
///
/// `@unchecked`: it holds the connection's outbound writer, which may be used from any task; the protocol does not say so.
struct ObjectSink: @unchecked Sendable {
    private let writer: any ResponseBodyWriter
    private let channel: any Channel
    private let timeout: TimeAmount

    /// A sink on a connection, which is closed when its client takes no piece within `timeout`.
    init(_ writer: any ResponseBodyWriter, channel: any Channel, timeout: TimeAmount) {
        self.writer = writer
        self.channel = channel
        self.timeout = timeout
    }

    /// Sends a piece; returns when the next one is welcome.
    func send(_ piece: [UInt8]) async throws {
        let channel = channel
        let deadline = channel.eventLoop.scheduleTask(in: timeout) { channel.close(mode: .all, promise: nil) }
        defer { deadline.cancel() }
        var writer = writer
        try await writer.write(ByteBuffer(bytes: piece))
    }

    /// The body of an answer, written by an operation. The head has promised its length, so a body that ends early closes the
    /// connection: the error goes up to who serves it.
    static func body(_ stream: StreamedOutputBody, channel: any Channel, timeout: TimeAmount) -> ResponseBody {
        ResponseBody(contentLength: Int(stream.length)) { writer in
            let sink = ObjectSink(writer, channel: channel, timeout: timeout)
            // Files are read on other threads than the connections'.
            try await withTaskExecutorPreference(globalConcurrentExecutor) {
                try await stream.write { piece in try await sink.send(piece) }
            }
            try await writer.finish(nil)
        }
    }
}
