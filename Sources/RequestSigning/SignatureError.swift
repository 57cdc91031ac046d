package import TimeSource

/// Why a request's signature is not accepted, in the distinctions that AWS makes to its callers.
///
/// `message` is AWS's own text; `code(in:)` and `status(in:)` say how each family of protocols spells it.
package enum SignatureError: Error, Hashable, Sendable {
    /// The request carries no signature at all.
    case missingAuthenticationToken
    /// The request carries a signature that cannot be read; the text says which parts are missing or malformed.
    case incompleteSignature(String)
    /// There is no active access key with that id, or its session token is missing or another one.
    case unknownAccessKey
    /// The temporary access key is past its end.
    case expiredToken
    /// The credential's scope names another day, region or service; the text lists what is wrong.
    case wrongScope(String)
    /// The request was signed longer ago than the skew allows.
    case expired(signedAt: Timestamp, now: Timestamp, skew: Duration)
    /// The request was signed further in the future than the skew allows.
    case notYetCurrent(signedAt: Timestamp, now: Timestamp, skew: Duration)
    /// A presigned request is used after the time that it allows itself.
    case presignedRequestExpired
    /// The request has headers that must be signed and are not.
    case headersNotSigned([String])
    /// The signature is not the one computed from the request; what it was computed from is given for the caller's eyes.
    case signatureDoesNotMatch(canonicalRequest: String, stringToSign: String)
    /// A chunk of the body, or its trailers, has not the signature computed from it and from the signature before.
    case chunkSignatureDoesNotMatch(stringToSign: String)
    /// The body is not the one whose hash the request declares.
    case payloadDoesNotMatch
    /// The service takes no request whose body is left out of the signature or signed in chunks.
    case unsupportedPayload(String)
}

extension SignatureError {
    /// AWS's text for the error.
    package var message: String {
        switch self {
        case .missingAuthenticationToken: "Missing Authentication Token"
        case .incompleteSignature(let text), .wrongScope(let text): text
        case .unknownAccessKey: "The security token included in the request is invalid."
        case .expiredToken: "The security token included in the request is expired"
        case .expired(let signedAt, let now, let skew):
            """
            Signature expired: \(signedAt.iso8601Basic) is now earlier than \((now - skew).iso8601Basic) \
            (\(now.iso8601Basic) - \(Self.minutes(skew)) min.)
            """
        case .notYetCurrent(let signedAt, let now, let skew):
            """
            Signature not yet current: \(signedAt.iso8601Basic) is still later than \((now + skew).iso8601Basic) \
            (\(now.iso8601Basic) + \(Self.minutes(skew)) min.)
            """
        case .presignedRequestExpired: "Request has expired"
        case .headersNotSigned(let names):
            names.contains("host")
                ? "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
                : "There were headers present in the request which were not signed: \(names.joined(separator: ", "))"
        case .signatureDoesNotMatch(let canonicalRequest, let stringToSign):
            """
            The request signature we calculated does not match the signature you provided. Check your AWS Secret \
            Access Key and signing method. Consult the service documentation for details.

            The Canonical String for this request should have been
            '\(canonicalRequest)'

            The String-to-Sign should have been
            '\(stringToSign)'

            """
        case .chunkSignatureDoesNotMatch:
            "The request signature we calculated does not match the signature you provided. Check your key and signing method."
        case .payloadDoesNotMatch:
            "The provided 'x-amz-content-sha256' header does not match what was computed."
        case .unsupportedPayload(let form):
            "The value '\(form)' of the 'x-amz-content-sha256' header is not supported for this request."
        }
    }

    private static func minutes(_ skew: Duration) -> Int64 {
        skew.components.seconds / 60
    }
}
