package import TimeSource

/// Verifies Signature Version 4 on incoming requests, in two steps.
///
/// `check` needs the headers alone: it reads the parameters, compares scope and time, finds the key and computes the canonical form. A
/// request that fails there costs no body. The `CheckedSignature` it returns is then verified with the body's hash; until that has
/// succeeded the caller is nobody.
package struct SignatureVerifier: Sendable {
    private let resolver: any CredentialResolver
    private let keys: SigningKeyCache

    /// A verifier that takes access keys from `resolver` and remembers up to `cachedKeys` derived signing keys.
    package init(resolver: any CredentialResolver, cachedKeys: Int = 1_024) {
        self.resolver = resolver
        keys = SigningKeyCache(capacity: cachedKeys)
    }

    /// Checks everything but the signature itself.
    ///
    /// - Parameters:
    ///   - parameters: those of the same request.
    ///   - now: the wall clock.
    /// - Throws: `SignatureError`, or what the resolver throws.
    package func check(
        _ request: SignableRequest, parameters: SignatureParameters, rules: SigningRules, now: Timestamp
    ) throws -> CheckedSignature {
        try Self.checkSignedHeaders(of: request, parameters)
        try Self.checkScope(parameters, rules)
        try Self.checkTime(parameters, rules, now)
        try Self.checkPayload(parameters, rules)
        guard let credential = try resolver.credential(accessKeyID: parameters.accessKeyID) else {
            throw SignatureError.unknownAccessKey
        }
        try Self.checkToken(parameters.sessionToken, credential, now)
        return CheckedSignature(
            credential: credential, parameters: parameters, request: request,
            canonicalRequest: CanonicalRequest(
                request, signedHeaders: parameters.signedHeaders, pathStyle: rules.pathStyle),
            key: keys.key(for: credential, scope: parameters.scope),
            isObjectRequest: rules.allowsUnhashedPayload)
    }

    /// Reads the parameters and checks them in one go, for callers that know the service beforehand.
    package func check(_ request: SignableRequest, rules: SigningRules, now: Timestamp) throws -> CheckedSignature {
        try check(request, parameters: try SignatureParameters(request), rules: rules, now: now)
    }

    /// Verifies a presigned object request of Signature Version 2, which says nothing of the body.
    /// - Parameter bucket: the bucket in the host's name; nil when the path names it.
    /// - Returns: the access key that the request acts for.
    /// - Throws: `SignatureError`, or what the resolver throws.
    package func verify(_ presigned: PresignedV2, bucket: String?, now: Timestamp) throws -> AccessCredential {
        guard let credential = try resolver.credential(accessKeyID: presigned.accessKeyID) else {
            throw SignatureError.unknownAccessKey
        }
        try Self.checkToken(presigned.sessionToken, credential, now)
        guard presigned.isValid(secretAccessKey: credential.secretAccessKey, bucket: bucket) else {
            throw SignatureError.signatureDoesNotMatch(
                canonicalRequest: "", stringToSign: ASCII.text(presigned.stringToSign(bucket: bucket)))
        }
        if presigned.expiresAt < now { throw SignatureError.presignedRequestExpired }
        return credential
    }

    /// The host and whatever else steers the request must be signed, or somebody on the way could exchange it.
    private static func checkSignedHeaders(
        of request: SignableRequest, _ parameters: SignatureParameters
    ) throws(SignatureError) {
        guard parameters.signedHeaders.contains("host") else { throw .headersNotSigned(["host"]) }
        var unsigned: [String] = []
        for header in request.headers where ASCII.hasPrefixIgnoringCase(header.name, "x-amz-") {
            let name = header.name.lowercased()
            // These two are part of the string to sign in their own right.
            if name == "x-amz-content-sha256" || name == "x-amz-date" { continue }
            if !parameters.signedHeaders.contains(name) { unsigned.append(name) }
        }
        guard unsigned.isEmpty else { throw .headersNotSigned(unsigned) }
    }

    private static func checkScope(
        _ parameters: SignatureParameters, _ rules: SigningRules
    ) throws(SignatureError) {
        let scope = parameters.scope
        var findings: [String] = []
        if scope.region != rules.region {
            findings.append("Credential should be scoped to a valid region, not '\(scope.region)'.")
        }
        if scope.service != rules.service {
            findings.append("Credential should be scoped to correct service: '\(rules.service)'.")
        }
        let date = parameters.signedAt.basicDate
        if scope.date != date {
            findings.append(
                """
                Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                '\(scope.date)' != '\(date)', from '\(parameters.signedAt.iso8601Basic)'.
                """)
        }
        guard findings.isEmpty else { throw .wrongScope(findings.joined(separator: " ")) }
    }

    private static func checkTime(
        _ parameters: SignatureParameters, _ rules: SigningRules, _ now: Timestamp
    ) throws(SignatureError) {
        let signedAt = parameters.signedAt
        // Seconds are all a request can say of its time, so the parts of the current one must not count against it.
        let now = Timestamp(seconds: now.seconds)
        if signedAt > now + rules.skew { throw .notYetCurrent(signedAt: signedAt, now: now, skew: rules.skew) }
        switch parameters.form {
        case .header:
            if signedAt < now - rules.skew { throw .expired(signedAt: signedAt, now: now, skew: rules.skew) }
        case .query(let validFor):
            if signedAt + validFor < now { throw .presignedRequestExpired }
        }
    }

    private static func checkPayload(
        _ parameters: SignatureParameters, _ rules: SigningRules
    ) throws(SignatureError) {
        guard !rules.allowsUnhashedPayload else { return }
        switch parameters.payload {
        case .body, .declared: return
        case .unsigned: throw .unsupportedPayload("UNSIGNED-PAYLOAD")
        case .streaming(let form): throw .unsupportedPayload(form)
        }
    }

    private static func checkToken(
        _ sessionToken: String?, _ credential: AccessCredential, _ now: Timestamp
    ) throws(SignatureError) {
        if let expiresAt = credential.expiresAt, expiresAt <= now { throw .expiredToken }
        switch (credential.sessionToken, sessionToken) {
        case (nil, nil): return
        case (let expected?, let given?):
            guard ConstantTime.areEqual(Array(expected.utf8), Array(given.utf8)) else { throw .unknownAccessKey }
        default: throw .unknownAccessKey
        }
    }
}
