import HTTPTypes
import HummingbirdCore
import NIOCore

/// Turns answers of unsigned routes into Hummingbird's.
enum StreamedAnswer {
    /// The answer as it is sent. Without a length the connection ends a stream's task when the client goes or the server stops.
    static func response(_ answer: UnsignedResponse) -> Response {
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
                try await write(&stream)
                try await stream.finish()
            }
            return Response(status: status, headers: headers, body: body)
        }
    }
}
