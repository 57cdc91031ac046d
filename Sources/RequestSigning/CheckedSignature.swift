import TimeSource

/// A request whose headers, scope, time and key are in order, and whose signature has still to be compared.
package struct CheckedSignature: Sendable {
    /// The access key that the caller claims to hold. Until a `verify…` method has returned, this is a claim and no more.
    package let credential: AccessCredential
    /// The request's own description of its signature.
    package let parameters: SignatureParameters
    private let request: SignableRequest
    private let canonicalRequest: CanonicalRequest
    private let key: SigningKey
    private let isObjectRequest: Bool

    /// A signature checked by `SignatureVerifier`, which alone makes them.
    init(
        credential: AccessCredential, parameters: SignatureParameters, request: SignableRequest, canonicalRequest: CanonicalRequest,
        key: SigningKey, isObjectRequest: Bool
    ) {
        self.credential = credential
        self.parameters = parameters
        self.request = request
        self.canonicalRequest = canonicalRequest
        self.key = key
        self.isObjectRequest = isObjectRequest
    }

    /// Whether the signature covers the body, so that it can be verified only with the body's hash.
    ///
    /// Where it is false, `verifyHead` may be called before the body is read.
    package var coversBody: Bool {
        switch parameters.payload {
        case .body: !isPresignedObjectRequest
        case .declared: true
        case .unsigned, .streaming: false
        }
    }

    /// Verifies the signature of a request whose body is at hand.
    /// - Returns: whom the request acts for.
    /// - Throws: `payloadDoesNotMatch` when the body is not the one declared, or `signatureDoesNotMatch`.
    package func verify(body: PayloadDigest) throws(SignatureError) -> Principal {
        if case .declared(let hash) = parameters.payload {
            guard ConstantTime.areEqual(Array(hash.utf8), Array(body.hexadecimal.utf8)) else {
                throw .payloadDoesNotMatch
            }
        }
        return try compare(payloadHash: coversBody ? body.hexadecimal : statedPayload)
    }

    /// Verifies the signature by the request's head alone: what its last line says of the body is taken from the headers.
    ///
    /// A body that the head declares by its hash must still be compared with it (`verify(body:)`) before it is used.
    /// - Returns: whom the request acts for.
    /// - Throws: `signatureDoesNotMatch`, or `unsupportedPayload` when the head says nothing of the body.
    package func verifyHead() throws(SignatureError) -> Principal {
        guard parameters.payload != .body || isPresignedObjectRequest else { throw .unsupportedPayload("") }
        return try compare(payloadHash: statedPayload)
    }

    /// A presigned object request says nothing of a body that did not exist when it was signed.
    private var isPresignedObjectRequest: Bool {
        if case .query = parameters.form { return isObjectRequest }
        return false
    }

    /// What the request itself puts in the place of the body's hash.
    private var statedPayload: String {
        switch parameters.payload {
        case .body, .unsigned: "UNSIGNED-PAYLOAD"
        case .declared(let hash): hash
        case .streaming(let form): form
        }
    }

    private func compare(payloadHash: String) throws(SignatureError) -> Principal {
        let stringToSign = stringToSign(canonicalRequest, payloadHash)
        guard key.isValid(parameters.signature, of: stringToSign) || isSignedVerbatim(payloadHash) else {
            throw .signatureDoesNotMatch(
                canonicalRequest: ASCII.text(canonicalRequest.bytes(payloadHash: payloadHash)),
                stringToSign: ASCII.text(stringToSign))
        }
        return credential.principal
    }

    private func stringToSign(_ canonicalRequest: CanonicalRequest, _ payloadHash: String) -> [UInt8] {
        canonicalRequest.stringToSign(
            payloadHash: payloadHash, time: parameters.signedAt.iso8601Basic, scope: parameters.scope)
    }

    /// Whether an object's path was signed as it stands on the request line. Either form names the same key.
    private func isSignedVerbatim(_ payloadHash: String) -> Bool {
        guard isObjectRequest else { return false }
        let verbatim = CanonicalRequest(request, signedHeaders: parameters.signedHeaders, pathStyle: .verbatim)
        return key.isValid(parameters.signature, of: stringToSign(verbatim, payloadHash))
    }

    /// The chain of the chunks' signatures, which begins with the one of the head. To be used after the head has been verified.
    package var chunkSignatures: ChunkSignatures {
        ChunkSignatures(
            key: key, time: parameters.signedAt.iso8601Basic, scope: parameters.scope, seed: parameters.signature)
    }
}
