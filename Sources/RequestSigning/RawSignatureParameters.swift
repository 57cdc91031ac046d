import ByteCoding
import Crypto
import TimeSource

/// The texts in which a request describes its signature, found but not yet taken apart.
struct RawSignatureParameters {
    /// Access key id and scope between slashes.
    var credential: String
    /// Names of headers between semicolons.
    var signedHeaders: String
    /// Hexadecimal digits, if the caller kept to the rules.
    var signature: String
    /// The time that the request says it was signed at.
    var signedAt: Timestamp
    /// The session token, if there is one.
    var sessionToken: String?
    /// Header or query.
    var form: SignatureParameters.Form

    /// Reads `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…` and the date header that goes with it.
    init(authorization header: String, of request: SignableRequest) throws(SignatureError) {
        let fields = try Self.fields(of: header)
        let dateHeader = request.firstValue(of: "x-amz-date") ?? request.firstValue(of: "date")
        var missing: [String] = []
        if fields.credential.isEmpty { missing.append("Authorization header requires 'Credential' parameter.") }
        if fields.signature.isEmpty { missing.append("Authorization header requires 'Signature' parameter.") }
        if fields.signedHeaders.isEmpty { missing.append("Authorization header requires 'SignedHeaders' parameter.") }
        if dateHeader == nil {
            missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
        }
        guard missing.isEmpty, let dateHeader else {
            // AWS shows the header only as a hash, so that a secret in it does not end in somebody's log.
            let parts = missing.joined(separator: " ")
            throw .incompleteSignature(
                "\(parts) (Hashed with SHA-256 and encoded with Base64) Authorization=\(Self.hashed(header))")
        }
        credential = fields.credential
        signature = fields.signature
        signedHeaders = fields.signedHeaders
        signedAt = try Self.time(dateHeader)
        sessionToken = request.firstValue(of: "x-amz-security-token")
        form = .header
    }

    /// Reads the `X-Amz-…` parameters of a presigned request; nil when the query has none of them.
    init?(queryOf request: SignableRequest) throws(SignatureError) {
        guard !request.query.isEmpty else { return nil }
        var values: [String: String] = [:]
        for parameter in CanonicalQuery.parameters(request.query) where parameter.name.starts(with: "X-Amz-".utf8) {
            values[ASCII.text(parameter.name)] = ASCII.text(parameter.value)
        }
        guard values["X-Amz-Algorithm"] != nil || values["X-Amz-Signature"] != nil || values["X-Amz-Credential"] != nil
        else { return nil }
        let required = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"]
        let missing = required.filter { (values[$0] ?? "").isEmpty }
        guard missing.isEmpty, let credential = values["X-Amz-Credential"], let signature = values["X-Amz-Signature"],
            let signedHeaders = values["X-Amz-SignedHeaders"], let date = values["X-Amz-Date"]
        else {
            let sentences = missing.map { "AWS query-string parameters must include '\($0)'." }
            throw .incompleteSignature(
                sentences.joined(separator: " ") + " Re-examine the query-string parameters.")
        }
        guard values["X-Amz-Algorithm"] == SignatureParameters.algorithm else {
            throw .incompleteSignature("Unsupported AWS 'algorithm': '\(values["X-Amz-Algorithm"] ?? "")'.")
        }
        self.credential = credential
        self.signature = signature
        self.signedHeaders = signedHeaders
        signedAt = try Self.time(date)
        sessionToken = values["X-Amz-Security-Token"]
        form = .query(validFor: try Self.validity(values["X-Amz-Expires"]))
    }

    /// The fields of the header. The first word is the algorithm; what follows are `name=value` pairs between commas.
    private static func fields(of header: String) throws(SignatureError) -> Fields {
        let bytes = Array(header.utf8)
        let space = bytes.firstIndex(of: 0x20) ?? bytes.endIndex
        var fields = Fields()
        var start = space
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.endIndex
            let pair = bytes[start..<end].drop { $0 == 0x20 }
            start = end + 1
            guard !pair.isEmpty else { continue }
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else {
                throw .incompleteSignature(
                    """
                    Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and \
                    encoded with Base64): '\(hashed(header))'.
                    """)
            }
            let value = pair[(equals + 1)...].prefix { $0 != 0x20 }
            fields.set(pair[..<equals], to: String(decoding: value, as: UTF8.self))
        }
        // A foreign scheme (`Basic`, `Bearer`) has none of the fields and is answered by what it lacks.
        guard bytes[..<space].elementsEqual(SignatureParameters.algorithm.utf8) || fields.credential.isEmpty else {
            throw .incompleteSignature("Unsupported AWS 'algorithm': '\(ASCII.text(bytes[..<space]))'.")
        }
        return fields
    }

    /// The values of the three fields; empty where one is missing.
    private struct Fields {
        var credential = ""
        var signedHeaders = ""
        var signature = ""

        mutating func set(_ name: ArraySlice<UInt8>, to value: String) {
            if name.elementsEqual("Credential".utf8) {
                credential = value
            } else if name.elementsEqual("SignedHeaders".utf8) {
                signedHeaders = value
            } else if name.elementsEqual("Signature".utf8) {
                signature = value
            }
        }
    }

    private static func time(_ text: String) throws(SignatureError) -> Timestamp {
        guard let time = Timestamp(iso8601Basic: text) ?? Timestamp(httpDate: text) else {
            throw .incompleteSignature(
                """
                Date must be in ISO-8601 'basic format'. Got '\(text)'. \
                See http://en.wikipedia.org/wiki/ISO_8601
                """)
        }
        return time
    }

    /// `X-Amz-Expires` in seconds, at most a week. Only S3 asks for it; elsewhere the usual skew of five minutes stands for it.
    private static func validity(_ text: String?) throws(SignatureError) -> Duration {
        guard let text else { return .seconds(300) }
        guard let seconds = Int(text), seconds >= 0 else {
            throw .incompleteSignature("X-Amz-Expires should be a number")
        }
        guard seconds <= 604_800 else {
            throw .incompleteSignature(
                """
                X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less \
                than 604800 seconds
                """)
        }
        return .seconds(seconds)
    }

    private static func hashed(_ header: String) -> String {
        Base64.text(Array(SHA256.hash(data: Array(header.utf8))))
    }
}
