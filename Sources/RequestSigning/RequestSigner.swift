package import TimeSource

/// Signs outgoing requests with Signature Version 4: those of the command line to the server and those of the server to AWS.
package struct RequestSigner: Sendable {
    /// The access key to sign with.
    package struct Credentials: Sendable {
        /// The public part.
        package var accessKeyID: String
        /// The secret part.
        package var secretAccessKey: String
        /// The token of a temporary key.
        package var sessionToken: String?

        /// An access key; temporary when a session token is given.
        package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
            self.accessKeyID = accessKeyID
            self.secretAccessKey = secretAccessKey
            self.sessionToken = sessionToken
        }
    }

    /// Headers that proxies or the transport change on the way, and that are therefore never signed.
    private static let unsignedHeaders: Set<String> = [
        "authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
    ]

    private let credentials: Credentials
    private let region: String
    private let service: String

    /// A signer for one service in one region. The service name `s3` selects the rules of object requests.
    package init(credentials: Credentials, region: String, service: String) {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// Signs a request in its headers.
    ///
    /// - Parameter request: complete with its `host` header, and without any of the headers that are returned.
    /// - Returns: the headers to add: `X-Amz-Date`, `Authorization`, and where they apply `X-Amz-Security-Token` and
    ///   `X-Amz-Content-Sha256`.
    package func headers(
        signing request: SignableRequest, body: PayloadDigest, at now: Timestamp
    ) -> [SignableRequest.Header] {
        headers(signing: request, payload: body.hexadecimal, at: now)
    }

    /// Signs an object request whose body is not hashed, in its headers.
    ///
    /// - Parameter payload: what stands for the body: `UNSIGNED-PAYLOAD`, `STREAMING-…`, or its hash in hexadecimal.
    /// - Returns: the headers to add.
    package func headers(
        signing request: SignableRequest, payload: String, at now: Timestamp
    ) -> [SignableRequest.Header] {
        let time = now.iso8601Basic
        var added = [SignableRequest.Header("X-Amz-Date", time)]
        if let token = credentials.sessionToken { added.append(.init("X-Amz-Security-Token", token)) }
        if isObjectRequest { added.append(.init("X-Amz-Content-Sha256", payload)) }

        var complete = request
        complete.headers += added
        let scope = scope(at: now)
        let names = signedNames(complete.headers)
        let signature = signature(
            of: complete, names: names, payloadHash: payload, time: time, scope: scope)
        added.append(
            .init(
                "Authorization",
                """
                \(SignatureParameters.algorithm) Credential=\(credentials.accessKeyID)/\(scope.text), \
                SignedHeaders=\(names.joined(separator: ";")), Signature=\(signature)
                """))
        return added
    }

    /// Signs a request in its query, so that whoever has the URL can send it until `validFor` is over.
    ///
    /// - Parameter request: complete with its `host` header; its query may have parameters already.
    /// - Returns: the whole query, to stand after the `?`. Object requests leave the body unsigned, others sign an empty one.
    package func presignedQuery(
        for request: SignableRequest, validFor: Duration, at now: Timestamp
    ) -> String {
        let time = now.iso8601Basic
        let scope = scope(at: now)
        let names = signedNames(request.headers)
        var parameters: [(String, String)] = [
            ("X-Amz-Algorithm", SignatureParameters.algorithm),
            ("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope.text)"),
            ("X-Amz-Date", time),
            ("X-Amz-Expires", String(validFor.components.seconds)),
            ("X-Amz-SignedHeaders", names.joined(separator: ";")),
        ]
        if let token = credentials.sessionToken { parameters.append(("X-Amz-Security-Token", token)) }

        var complete = request
        for (name, value) in parameters { Self.append(name, value, to: &complete.query) }
        let payloadHash = isObjectRequest ? "UNSIGNED-PAYLOAD" : PayloadDigest.empty.hexadecimal
        let signature = signature(of: complete, names: names, payloadHash: payloadHash, time: time, scope: scope)
        Self.append("X-Amz-Signature", signature, to: &complete.query)
        return ASCII.text(complete.query)
    }

    /// The chain of the chunks' signatures that follows a request's own.
    /// - Parameters:
    ///   - headers: what `headers(signing:payload:at:)` returned for the request.
    ///   - now: the same time as there.
    package func chunkSignatures(after headers: [SignableRequest.Header], at now: Timestamp) -> ChunkSignatures {
        let digits = headers.last { $0.name == "Authorization" }?.value.utf8.suffix(64) ?? []
        let scope = scope(at: now)
        return ChunkSignatures(
            key: SigningKey(secretAccessKey: credentials.secretAccessKey, scope: scope), time: now.iso8601Basic, scope: scope,
            seed: Hexadecimal.bytes(Array(digits)) ?? [])
    }

    private var isObjectRequest: Bool { service == "s3" }

    private func scope(at now: Timestamp) -> CredentialScope {
        CredentialScope(date: now.basicDate, region: region, service: service)
    }

    private func signedNames(_ headers: [SignableRequest.Header]) -> [String] {
        Set(headers.map { $0.name.lowercased() }).subtracting(Self.unsignedHeaders).sorted()
    }

    private func signature(
        of request: SignableRequest, names: [String], payloadHash: String, time: String, scope: CredentialScope
    ) -> String {
        let canonical = CanonicalRequest(
            request, signedHeaders: names, pathStyle: isObjectRequest ? .objectKey : .normalized)
        let stringToSign = canonical.stringToSign(payloadHash: payloadHash, time: time, scope: scope)
        let key = SigningKey(secretAccessKey: credentials.secretAccessKey, scope: scope)
        return Hexadecimal.text(key.signature(of: stringToSign))
    }

    private static func append(_ name: String, _ value: String, to query: inout [UInt8]) {
        if !query.isEmpty { query.append(UInt8(ascii: "&")) }
        query.append(contentsOf: name.utf8)
        query.append(UInt8(ascii: "="))
        PercentEncoding.append(value.utf8, to: &query)
    }
}
