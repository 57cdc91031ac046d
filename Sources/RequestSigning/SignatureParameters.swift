package import TimeSource

/// What a request says of its own signature: read from the `Authorization` header or, for presigned requests, from the query.
///
/// Nothing of it is trusted yet. It is read first, since its scope tells the service a request is for where the path does not.
package struct SignatureParameters: Sendable {
    /// The one algorithm that is accepted.
    package static let algorithm = "AWS4-HMAC-SHA256"

    /// Where the signature stands.
    package enum Form: Hashable, Sendable {
        /// In the `Authorization` header.
        case header
        /// In the query of a presigned request, which may be used for that long after it was signed.
        case query(validFor: Duration)
    }

    /// What the last line of the canonical request stands for.
    package enum Payload: Hashable, Sendable {
        /// The hash of the body, which the request does not state itself.
        case body
        /// The hash that the request states, in hexadecimal; the body must have it.
        case declared(String)
        /// `UNSIGNED-PAYLOAD`: the body is not signed.
        case unsigned
        /// `STREAMING-…`: the body comes in chunks that are verified as they arrive.
        case streaming(String)
    }

    /// The access key's id.
    package let accessKeyID: String
    /// What the key was derived for, according to the caller.
    package let scope: CredentialScope
    /// The names of the signed headers, in lower case, sorted.
    package let signedHeaders: [String]
    /// The 32 bytes of the signature; empty when the caller's was not 64 hexadecimal digits, and thus cannot match.
    package let signature: [UInt8]
    /// When the request was signed.
    package let signedAt: Timestamp
    /// The session token that came along.
    package let sessionToken: String?
    /// Where the signature stands.
    package let form: Form
    /// What stands for the body.
    package let payload: Payload

    /// Reads the parameters of `request`.
    /// - Throws: `missingAuthenticationToken` or `incompleteSignature`, with the text AWS answers.
    package init(_ request: SignableRequest) throws(SignatureError) {
        let raw: RawSignatureParameters
        let authorization = request.values(of: "authorization")
        if let header = authorization.first {
            guard authorization.count == 1 else {
                throw .incompleteSignature("The request has more than one Authorization header.")
            }
            raw = try RawSignatureParameters(authorization: header, of: request)
        } else if let query = try RawSignatureParameters(queryOf: request) {
            raw = query
        } else {
            throw .missingAuthenticationToken
        }

        let elements = ASCII.split(raw.credential, at: UInt8(ascii: "/"))
        guard elements.count == 5 else {
            throw .incompleteSignature(
                """
                Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, \
                got '\(raw.credential)'
                """)
        }
        guard elements[4] == CredentialScope.terminator else {
            throw .wrongScope(
                "Credential should be scoped with a valid terminator: 'aws4_request', not '\(elements[4])'.")
        }
        accessKeyID = elements[0]
        scope = CredentialScope(date: elements[1], region: elements[2], service: elements[3])
        signedHeaders = Self.names(raw.signedHeaders)
        let digits = Array(raw.signature.utf8)
        signature = digits.count == 64 ? Hexadecimal.bytes(digits) ?? [] : []
        signedAt = raw.signedAt
        sessionToken = raw.sessionToken
        form = raw.form
        payload = Self.payload(of: request, form: raw.form, signedHeaders: signedHeaders)
    }

    /// The names between semicolons, in lower case and in order, which they nearly always are already.
    private static func names(_ text: String) -> [String] {
        let names = ASCII.split(text, at: UInt8(ascii: ";"), lowercasing: true).filter { !$0.isEmpty }
        return zip(names, names.dropFirst()).allSatisfy { $0 <= $1 } ? names : names.sorted()
    }

    private static func payload(of request: SignableRequest, form: Form, signedHeaders: [String]) -> Payload {
        let name = "x-amz-content-sha256"
        guard let value = request.firstValue(of: name), form == .header || signedHeaders.contains(name) else {
            return .body
        }
        if value == "UNSIGNED-PAYLOAD" { return .unsigned }
        if value.hasPrefix("STREAMING-") { return .streaming(value) }
        return .declared(value)
    }
}
