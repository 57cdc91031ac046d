import AWSProtocols
import NIOCore
import RequestSigning
import Services

/// The body of an S3 request while it arrives: takes the framing off, counts, and verifies what proves it.
///
/// `@unchecked`: the protocol says that one task at a time reads it, and nothing else touches its state.
final class ObjectBody: StreamedInputBody, @unchecked Sendable {
    /// Pieces are at least so large while there is more: each costs a change of threads. One network buffer may come on top.
    private static let pieceSize = 256 << 10

    let length: Int64
    let announcedTrailers: [String]
    private(set) var trailers: [String: String] = [:]

    private let incoming: IncomingBody
    private let proof: ObjectPayload.Proof
    private var decoder: ChunkedBodyDecoder?
    /// The hash of the pieces so far, computed beside the work of who reads them.
    private var hashing: Task<PayloadHasher, Never>?
    private var received: Int64 = 0
    private var isAtEnd = false

    /// A body.
    /// - Parameters:
    ///   - length: the content's length.
    ///   - signatures: the chain of the chunks' signatures, where they are signed.
    init(_ incoming: IncomingBody, payload: ObjectPayload, length: Int64, signatures: ChunkSignatures?) {
        self.incoming = incoming
        self.length = length
        proof = payload.proof
        announcedTrailers = payload.announcedTrailers
        if case .chunks(_, let hasTrailers) = payload.proof {
            decoder = ChunkedBodyDecoder(signatures: signatures, hasTrailers: hasTrailers)
        }
    }

    func next() async throws -> [UInt8]? {
        if isAtEnd { return nil }
        var piece: [UInt8] = []
        let rest = length - received
        piece.reserveCapacity(Int(min(rest, Int64(ObjectBody.pieceSize))) + (rest > ObjectBody.pieceSize ? 64 << 10 : 0))
        while piece.count < ObjectBody.pieceSize {
            guard let buffer = try await nextBuffer() else {
                isAtEnd = true
                break
            }
            try append(buffer, to: &piece)
        }
        received += Int64(piece.count)
        guard received <= length else { throw ObjectBody.incomplete() }
        await hash(piece)
        if isAtEnd { try await verifyEnd() }
        return piece.isEmpty ? nil : piece
    }

    /// The whole body, for operations whose documents are small.
    func collect() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await next() { bytes = bytes.isEmpty ? piece : bytes + piece }
        return bytes
    }

    private func nextBuffer() async throws(APIError) -> ByteBuffer? {
        do {
            return try await incoming.next()
        } catch {
            // The connection has gone, or nothing came on it for too long.
            isAtEnd = true
            throw ObjectBody.incomplete()
        }
    }

    private func append(_ buffer: ByteBuffer, to piece: inout [UInt8]) throws {
        guard decoder != nil else {
            piece.append(contentsOf: buffer.readableBytesView)
            return
        }
        do throws(ChunkedBodyDecoder.Failure) {
            try buffer.withUnsafeReadableBytes { bytes throws(ChunkedBodyDecoder.Failure) in
                try decoder?.decode(bytes, into: &piece)
            }
        } catch {
            switch error {
            case .malformed(let text): throw APIError("InvalidRequest", text, httpStatus: 400)
            case .signature(let error): throw APIError(error.code(in: .objects), error.message, httpStatus: 403)
            }
        }
    }

    /// Hashes a piece while the reader works on it. The task is awaited by the next call, which comes for every piece but those of
    /// a body that is given up.
    private func hash(_ piece: [UInt8]) async {
        guard case .hash = proof, !piece.isEmpty else { return }
        let before = await hashing?.value ?? PayloadHasher()
        hashing = Task {
            var hasher = before
            hasher.update(piece)
            return hasher
        }
    }

    private func verifyEnd() async throws {
        guard received == length else { throw ObjectBody.incomplete() }
        if let decoder {
            guard decoder.isComplete else { throw ObjectBody.incomplete() }
            trailers = decoder.trailers
        }
        guard case .hash(let declared) = proof else { return }
        let computed = (await hashing?.value ?? PayloadHasher()).finalize().hexadecimal
        guard computed == declared.lowercased() else {
            throw APIError(
                "XAmzContentSHA256Mismatch", SignatureError.payloadDoesNotMatch.message,
                fields: ["ClientComputedContentSHA256": .string(declared), "S3ComputedContentSHA256": .string(computed)],
                httpStatus: 400)
        }
    }

    private static func incomplete() -> APIError {
        APIError(
            "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header", httpStatus: 400)
    }
}
