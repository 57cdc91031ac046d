/// Verifies, or makes, the signatures of a body that comes in chunks: each covers its chunk and the signature before it, so that no
/// chunk can be left out, exchanged or added ("Signature calculations: transferring payload in multiple chunks" in the Amazon S3 API
/// Reference).
package struct ChunkSignatures: Sendable {
    private static let emptyDigest = PayloadDigest.empty.hexadecimal

    private let key: SigningKey
    private let time: String
    private let scope: String
    /// The signature before, in hexadecimal; at first the one of the request's head.
    private var previous: String

    /// The chain that begins with a request's own signature, which must have been verified.
    init(key: SigningKey, time: String, scope: CredentialScope, seed: [UInt8]) {
        self.key = key
        self.time = time
        self.scope = scope.text
        previous = Hexadecimal.text(seed)
    }

    /// Verifies the next chunk.
    /// - Throws: `chunkSignatureDoesNotMatch`.
    mutating func verifyChunk(_ digest: PayloadDigest, signature: [UInt8]) throws(SignatureError) {
        try verify("AWS4-HMAC-SHA256-PAYLOAD", Self.emptyDigest + "\n" + digest.hexadecimal, signature)
    }

    /// Verifies the trailers, given as `name:value` with a line feed each.
    /// - Throws: `chunkSignatureDoesNotMatch`.
    mutating func verifyTrailers(_ lines: [UInt8], signature: [UInt8]) throws(SignatureError) {
        try verify("AWS4-HMAC-SHA256-TRAILER", PayloadDigest(of: lines).hexadecimal, signature)
    }

    /// Signs the next chunk.
    /// - Returns: the signature in hexadecimal.
    mutating func signChunk(_ digest: PayloadDigest) -> String {
        sign("AWS4-HMAC-SHA256-PAYLOAD", Self.emptyDigest + "\n" + digest.hexadecimal)
    }

    /// Signs the trailers, given as `name:value` with a line feed each.
    /// - Returns: the signature in hexadecimal.
    mutating func signTrailers(_ lines: [UInt8]) -> String {
        sign("AWS4-HMAC-SHA256-TRAILER", PayloadDigest(of: lines).hexadecimal)
    }

    private mutating func sign(_ kind: String, _ digests: String) -> String {
        previous = Hexadecimal.text(key.signature(of: text(kind, digests)))
        return previous
    }

    private func text(_ kind: String, _ digests: String) -> [UInt8] {
        Array("\(kind)\n\(time)\n\(scope)\n\(previous)\n\(digests)".utf8)
    }

    private mutating func verify(_ kind: String, _ digests: String, _ signature: [UInt8]) throws(SignatureError) {
        let text = text(kind, digests)
        guard key.isValid(signature, of: text) else { throw .chunkSignatureDoesNotMatch(stringToSign: ASCII.text(text)) }
        previous = Hexadecimal.text(signature)
    }
}
