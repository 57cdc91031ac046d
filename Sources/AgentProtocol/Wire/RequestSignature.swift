/// What an agent signs of each request, and the headers that carry it.
///
/// The signature is Ed25519 (RFC 8032) over `stringToSign`, by the key of the registration. The server refuses timestamps more than
/// `skewSeconds` away and, within that span, a nonce that it has seen from the instance. Answers are protected by TLS alone.
package struct RequestSignature: Equatable, Sendable {
    /// `x-nightshift-instance`: the instance id; `-` while registering.
    package static let instanceHeader = "x-nightshift-instance"
    /// `x-nightshift-incarnation`: a decimal number; 0 while registering.
    package static let incarnationHeader = "x-nightshift-incarnation"
    /// `x-nightshift-timestamp`: milliseconds since 1970, decimal.
    package static let timestampHeader = "x-nightshift-timestamp"
    /// `x-nightshift-nonce`: 32 random hexadecimal digits.
    package static let nonceHeader = "x-nightshift-nonce"
    /// `x-nightshift-signature`: 64 bytes, base64.
    package static let signatureHeader = "x-nightshift-signature"
    /// How far the clocks of agent and server may be apart.
    package static let skewSeconds: Int64 = 300
    /// The instance that a registration is signed for.
    package static let unregisteredInstance = "-"

    package var instance: String
    package var incarnation: Int64
    package var timestampMilliseconds: Int64
    package var nonce: String

    package init(instance: String, incarnation: Int64, timestampMilliseconds: Int64, nonce: String) {
        self.instance = instance
        self.incarnation = incarnation
        self.timestampMilliseconds = timestampMilliseconds
        self.nonce = nonce
    }

    /// Reads the fields from request headers; nil when one is absent or malformed.
    package init?(header: (String) -> String?) {
        guard let instance = header(Self.instanceHeader),
            let incarnation = header(Self.incarnationHeader).flatMap({ Int64($0) }),
            let timestamp = header(Self.timestampHeader).flatMap({ Int64($0) }),
            let nonce = header(Self.nonceHeader), (16...64).contains(nonce.utf8.count), !nonce.contains("\n"),
            !instance.contains("\n")
        else { return nil }
        self.init(instance: instance, incarnation: incarnation, timestampMilliseconds: timestamp, nonce: nonce)
    }

    /// The headers, without the signature itself.
    package var headers: [(name: String, value: String)] {
        [
            (Self.instanceHeader, instance), (Self.incarnationHeader, String(incarnation)),
            (Self.timestampHeader, String(timestampMilliseconds)), (Self.nonceHeader, nonce),
        ]
    }

    /// The bytes to sign: seven lines.
    /// - Parameters:
    ///   - method: in capitals.
    ///   - target: path and query exactly as in the request line.
    ///   - bodyDigest: SHA-256 of the body (also of an empty one), lower-case hexadecimal.
    package func stringToSign(method: String, target: String, bodyDigest: String) -> [UInt8] {
        let lines = [
            "nightshift-agent-v1", "\(method) \(target)", instance, String(incarnation), String(timestampMilliseconds),
            nonce, bodyDigest,
        ]
        return Array(lines.joined(separator: "\n").utf8)
    }
}
