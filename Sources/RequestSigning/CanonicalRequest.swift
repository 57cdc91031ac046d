/// The canonical form of a request up to the payload's hash, and the strings computed from it.
///
/// "Create a signed AWS API request" in the IAM User Guide defines it: method, path, query, headers, names of the signed headers and
/// the payload's hash, each on lines of their own.
struct CanonicalRequest {
    /// How the path of a service's requests is written.
    enum PathStyle: Sendable {
        /// Dot segments and double slashes are removed, then the path as sent is encoded once more. All services but one.
        case normalized
        /// The path is taken as it is, encoded once: object keys may hold `//` and `..`.
        case objectKey
        /// The path is taken byte for byte: how clients sign object keys that they encode in a way of their own, such as `%2F`.
        case verbatim
    }

    /// Everything but the last line, with its line feed.
    private let head: [UInt8]

    /// The canonical form of `request`. `signedHeaders` are in lower case and sorted; the query's parameter named
    /// `X-Amz-Signature` is left out.
    init(_ request: SignableRequest, signedHeaders: [String], pathStyle: PathStyle) {
        var out: [UInt8] = []
        out.reserveCapacity(1_024)
        out.append(contentsOf: request.method.utf8)
        out.append(0x0A)
        CanonicalPath.append(request.path, style: pathStyle, to: &out)
        out.append(0x0A)
        CanonicalQuery.append(request.query, to: &out)
        out.append(0x0A)
        for name in signedHeaders {
            out.append(contentsOf: name.utf8)
            out.append(UInt8(ascii: ":"))
            Self.appendValues(of: name, in: request.headers, to: &out)
            out.append(0x0A)
        }
        out.append(0x0A)
        for (index, name) in signedHeaders.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ";")) }
            out.append(contentsOf: name.utf8)
        }
        out.append(0x0A)
        head = out
    }

    /// The whole canonical request.
    func bytes(payloadHash: String) -> [UInt8] {
        head + Array(payloadHash.utf8)
    }

    /// The text whose HMAC is the signature.
    func stringToSign(payloadHash: String, time: String, scope: CredentialScope) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(160)
        out.append(contentsOf: SignatureParameters.algorithm.utf8)
        out.append(0x0A)
        out.append(contentsOf: time.utf8)
        out.append(0x0A)
        out.append(contentsOf: scope.text.utf8)
        out.append(0x0A)
        Hexadecimal.append(PayloadDigest(of: bytes(payloadHash: payloadHash)).bytes, to: &out)
        return out
    }

    /// Appends the values of all lines with that name, joined by commas, each trimmed and with runs of white space, and so folded
    /// lines, as one space.
    private static func appendValues(of name: String, in headers: [SignableRequest.Header], to out: inout [UInt8]) {
        var isFirst = true
        for header in headers where ASCII.equalsIgnoringCase(header.name, name) {
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
            ASCII.withBytes(of: header.value) { appendTrimmed($0, to: &out) }
        }
    }

    private static func appendTrimmed(_ value: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        let start = out.count
        var spacePending = false
        for byte in value {
            if ASCII.isSpace(byte) {
                spacePending = true
                continue
            }
            if spacePending, out.count > start { out.append(0x20) }
            spacePending = false
            out.append(byte)
        }
    }
}
