import AWSProtocols
import RequestSigning
import TimeSource

extension APIError {
    /// A signature error in S3's words, with the fields that S3 gives for finding the cause ("Error responses" in the Amazon S3 API
    /// Reference).
    /// - Parameters:
    ///   - parameters: what the request says of its signature; nil when it could not be read.
    ///   - isQuery: whether the request is presigned.
    ///   - now: the server's time.
    init(objects error: SignatureError, _ parameters: SignatureParameters?, isQuery: Bool, region: String, now: Timestamp) {
        let (message, fields) = APIError.description(of: error, parameters, isQuery: isQuery, region: region, now: now)
        var code = error.code(in: .objects)
        var status = error.status(in: .objects)
        switch error {
        case .incompleteSignature, .wrongScope: if isQuery { code = "AuthorizationQueryParametersError" }
        case .notYetCurrent: if isQuery { code = "AccessDenied" }
        case .chunkSignatureDoesNotMatch: status = 403
        default: break
        }
        self.init(code, message, fields: fields, httpStatus: status)
    }

    /// Adds what a request that is presigned with Version 2 of the signatures says of itself.
    mutating func tellPresignedV2(_ query: String, _ error: SignatureError) {
        for (name, value) in FormDecoder.pairs(query) ?? [] {
            switch (error, name) {
            case (.presignedRequestExpired, "Expires"):
                guard let seconds = Int64(value), seconds.magnitude < 1 << 40 else { continue }
                fields["Expires"] = .string(Timestamp(milliseconds: seconds * 1_000).iso8601Seconds)
            case (.signatureDoesNotMatch, "AWSAccessKeyId"): fields["AWSAccessKeyId"] = .string(value)
            case (.signatureDoesNotMatch, "Signature"): fields["SignatureProvided"] = .string(value)
            default: continue
            }
        }
    }

    private static func description(
        of error: SignatureError, _ parameters: SignatureParameters?, isQuery: Bool, region: String, now: Timestamp
    ) -> (message: String, fields: APIStructure) {
        let key = APIValue.optional(parameters?.accessKeyID)
        switch error {
        case .missingAuthenticationToken: return ("Access Denied", [:])
        case .incompleteSignature(let text):
            guard isQuery else { return ("The authorization header is malformed; \(text)", [:]) }
            return (text.hasPrefix("AWS query-string parameters must include") ? parametersMissing : text, [:])
        case .wrongScope(let text):
            return wrongScope(text, parameters, isQuery: isQuery, region: region)
        case .unknownAccessKey:
            return ("The AWS Access Key Id you provided does not exist in our records.", ["AWSAccessKeyId": key])
        case .expiredToken: return ("The provided token has expired.", [:])
        case .notYetCurrent where isQuery:
            return ("Request is not valid yet", ["ServerTime": .string(now.iso8601Seconds)])
        case .expired(let signedAt, let now, let skew), .notYetCurrent(let signedAt, let now, let skew):
            return (
                "The difference between the request time and the current time is too large.",
                [
                    "RequestTime": .string(signedAt.iso8601Basic), "ServerTime": .string(now.iso8601Seconds),
                    "MaxAllowedSkewMilliseconds": .integer(skew.components.seconds * 1_000),
                ]
            )
        case .presignedRequestExpired:
            var fields: APIStructure = ["ServerTime": .string(now.iso8601Seconds)]
            if case .query(let validFor) = parameters?.form, let signedAt = parameters?.signedAt {
                fields["X-Amz-Expires"] = .integer(validFor.components.seconds)
                fields["Expires"] = .string((signedAt + validFor).iso8601Seconds)
            }
            return ("Request has expired", fields)
        case .headersNotSigned(let names):
            return (
                "There were headers present in the request which were not signed",
                ["HeadersNotSigned": .string(names.joined(separator: ", "))]
            )
        case .signatureDoesNotMatch(let canonicalRequest, let stringToSign):
            var fields: APIStructure = [
                "AWSAccessKeyId": key, "StringToSign": .string(stringToSign),
                "SignatureProvided": .optional(parameters.map { digits($0.signature, separator: "") }),
                "StringToSignBytes": .string(digits(stringToSign.utf8)),
            ]
            if !canonicalRequest.isEmpty {
                fields["CanonicalRequest"] = .string(canonicalRequest)
                fields["CanonicalRequestBytes"] = .string(digits(canonicalRequest.utf8))
            }
            return (
                "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
                fields
            )
        case .chunkSignatureDoesNotMatch(let stringToSign):
            return (error.message, ["AWSAccessKeyId": key, "StringToSign": .string(stringToSign)])
        case .payloadDoesNotMatch, .unsupportedPayload: return (error.message, [:])
        }
    }

    private static let parametersMissing = """
        Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, \
        X-Amz-SignedHeaders, and X-Amz-Expires parameters.
        """

    /// Bytes in hexadecimal, each of two digits.
    private static func digits(_ bytes: some Sequence<UInt8>, separator: String = " ") -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: separator)
    }

    private static func wrongScope(
        _ text: String, _ parameters: SignatureParameters?, isQuery: Bool, region: String
    ) -> (message: String, fields: APIStructure) {
        let start = isQuery ? "Error parsing the X-Amz-Credential parameter" : "The authorization header is malformed"
        guard let given = parameters?.scope.region, given != region else { return ("\(start); \(text)", [:]) }
        return ("\(start); the region '\(given)' is wrong; expecting '\(region)'", ["Region": .string(region)])
    }
}
