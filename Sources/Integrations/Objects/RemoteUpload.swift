import AWSProtocols
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import RequestSigning
import Services
import Synchronization
import TimeSource

/// A request on its way to another S3, signed, with its body still to come.
///
/// Small bodies are hashed first. Larger ones are proved as they pass: over TLS the connection does, over plain HTTP each chunk is signed.
/// Trailers that the client sends after its body go behind the body there, too.
struct RemoteUpload {
    private static let smallLength: Int64 = 1 << 20

    /// The request for the HTTP client.
    private(set) var request: HTTPClientRequest
    private let source: RemoteBodySource?

    /// Why the body could not be read to its end; nil while all is well.
    var failure: APIError? { source?.failure.withLock { $0 } }

    /// Signs a request.
    static func prepare(
        _ wire: WireRequest, _ body: any StreamedInputBody, signer: RequestSigner, endpoint: RemoteEndpoint, now: Timestamp
    ) async throws -> RemoteUpload {
        var wire = wire
        wire.headers.insert(("host", endpoint.host), at: 0)
        if body.length <= smallLength { return try await small(wire, body, signer, endpoint, now) }
        let trailers = body.announcedTrailers
        guard !endpoint.isSecure || !trailers.isEmpty else {
            let signed = sign(wire, "UNSIGNED-PAYLOAD", signer, now)
            var upload = RemoteUpload(request(wire, signed, endpoint), source: RemoteBodySource(body, encoder: nil))
            upload.attach(.known(body.length))
            return upload
        }
        let form =
            (endpoint.isSecure ? "STREAMING-UNSIGNED-PAYLOAD" : "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") + (trailers.isEmpty ? "" : "-TRAILER")
        wire.headers.append(("x-amz-decoded-content-length", String(body.length)))
        if !trailers.isEmpty { wire.headers.append(("x-amz-trailer", trailers.joined(separator: ","))) }
        if let index = wire.headers.firstIndex(where: { $0.name == "content-encoding" }) {
            wire.headers[index].value = "aws-chunked," + wire.headers[index].value
        } else {
            wire.headers.append(("content-encoding", "aws-chunked"))
        }
        let signed = sign(wire, form, signer, now)
        let encoder = ChunkedBodyEncoder(signatures: endpoint.isSecure ? nil : signer.chunkSignatures(after: signed, at: now))
        var upload = RemoteUpload(request(wire, signed, endpoint), source: RemoteBodySource(body, encoder: encoder))
        upload.attach(.unknown)
        return upload
    }

    private static func small(
        _ wire: WireRequest, _ body: any StreamedInputBody, _ signer: RequestSigner, _ endpoint: RemoteEndpoint, _ now: Timestamp
    ) async throws -> RemoteUpload {
        var wire = wire
        var bytes: [UInt8] = []
        while let piece = try await body.next() { bytes += piece }
        for (name, value) in body.trailers.sorted(by: { $0.key < $1.key }) { wire.headers.append((name, value)) }
        let signed = sign(wire, PayloadDigest(of: bytes).hexadecimal, signer, now)
        var upload = RemoteUpload(request(wire, signed, endpoint), source: nil)
        if !bytes.isEmpty || wire.method == "PUT" || wire.method == "POST" { upload.request.body = .bytes(bytes) }
        return upload
    }

    private init(_ request: HTTPClientRequest, source: RemoteBodySource?) {
        self.request = request
        self.source = source
    }

    private mutating func attach(_ length: HTTPClientRequest.Body.Length) {
        if let source { request.body = .stream(source, length: length) }
    }

    private static func sign(
        _ wire: WireRequest, _ payload: String, _ signer: RequestSigner, _ now: Timestamp
    ) -> [SignableRequest.Header] {
        signer.headers(
            signing: SignableRequest(
                method: wire.method, path: Array(wire.path.utf8), query: Array(wire.query.utf8),
                headers: wire.headers.map { SignableRequest.Header($0.name, $0.value) }),
            payload: payload, at: now)
    }

    private static func request(
        _ wire: WireRequest, _ signed: [SignableRequest.Header], _ endpoint: RemoteEndpoint
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: "\(endpoint)\(wire.path)" + (wire.query.isEmpty ? "" : "?" + wire.query))
        request.method = HTTPMethod(rawValue: wire.method)
        request.headers = HTTPHeaders(wire.headers.map { ($0.name, $0.value) } + signed.map { ($0.name, $0.value) })
        return request
    }
}

/// A body's pieces as the HTTP client takes them, framed where the request says so.
final class RemoteBodySource: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    private let body: any StreamedInputBody
    private let encoder: ChunkedBodyEncoder?
    /// Why the body ended early.
    let failure = Mutex<APIError?>(nil)

    /// The pieces of a body; `encoder` frames them.
    init(_ body: any StreamedInputBody, encoder: ChunkedBodyEncoder?) {
        self.body = body
        self.encoder = encoder
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(source: self, encoder: encoder)
    }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let source: RemoteBodySource
        fileprivate var encoder: ChunkedBodyEncoder?
        private var isAtEnd = false

        fileprivate init(source: RemoteBodySource, encoder: ChunkedBodyEncoder?) {
            self.source = source
            self.encoder = encoder
        }

        mutating func next() async throws -> ByteBuffer? {
            if isAtEnd { return nil }
            do {
                if let piece = try await source.body.next() { return ByteBuffer(bytes: encoder?.chunk(piece) ?? piece) }
                isAtEnd = true
                let trailers = source.body.trailers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
                guard let end = encoder?.end(trailers: trailers) else { return nil }
                return ByteBuffer(bytes: end)
            } catch {
                source.failure.withLock { $0 = error as? APIError ?? .internalFailure("The request's body cannot be read.") }
                throw error
            }
        }
    }
}
