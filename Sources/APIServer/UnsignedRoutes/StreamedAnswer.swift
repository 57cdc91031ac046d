import HTTPTypes
import HummingbirdCore
import NIOCore
import ServiceLifecycle

/// Turns answers of unsigned routes into Hummingbird's.
enum StreamedAnswer {
    /// The answer as Hummingbird sends it.
    static func response(_ answer: UnsignedResponse, request: Request, channel: any Channel) -> Response {
        let status = HTTPResponse.Status(code: answer.status)
        let headers = HTTPFields(answer.headers)
        switch answer.body {
        case .bytes(let bytes):
            return Response(
                status: status, headers: headers,
                body: bytes.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .stream(let write):
            let body = ResponseBody { writer in
                var stream = ResponseStream(writer)
                // Closing the connection is how both ends of a stream are told: the client by its end, the closure by cancellation.
                try await withGracefulShutdownHandler {
                    try await request.body.consumeWithCancellationOnInboundClose { _ in
                        try await write(&stream)
                    }
                } onGracefulShutdown: {
                    channel.close(mode: .all, promise: nil)
                }
                try await stream.finish()
            }
            return Response(status: status, headers: headers, body: body)
        }
    }
}
