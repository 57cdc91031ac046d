extension SignatureError {
    /// The families of protocols that spell signature errors differently.
    package enum Dialect: Sendable {
        /// JSON 1.0, JSON 1.1 and CBOR.
        case json
        /// REST with JSON bodies (Lambda, EventBridge Scheduler).
        case restJSON
        /// Query with XML answers (SNS, CloudWatch).
        case query
        /// REST with XML bodies (S3).
        case objects
    }

    /// The error code, as the `Code` of XML answers and the `__type` of JSON ones ("Common errors" of each service's API reference).
    package func code(in dialect: Dialect) -> String {
        switch dialect {
        case .json, .restJSON: jsonCode
        case .query: queryCode
        case .objects: objectsCode
        }
    }

    /// The HTTP status that goes with the code.
    package func status(in dialect: Dialect) -> Int {
        switch (dialect, self) {
        case (.json, _), (.query, .incompleteSignature): 400
        case (.objects, .incompleteSignature), (.objects, .payloadDoesNotMatch), (.objects, .unsupportedPayload),
            (.objects, .expiredToken), (.objects, .wrongScope):
            400
        default: 403
        }
    }

    private var jsonCode: String {
        switch self {
        case .missingAuthenticationToken: "MissingAuthenticationTokenException"
        case .incompleteSignature: "IncompleteSignatureException"
        case .unknownAccessKey: "UnrecognizedClientException"
        case .expiredToken: "ExpiredTokenException"
        default: "InvalidSignatureException"
        }
    }

    private var queryCode: String {
        switch self {
        case .missingAuthenticationToken: "MissingAuthenticationToken"
        case .incompleteSignature: "IncompleteSignature"
        case .unknownAccessKey: "InvalidClientTokenId"
        case .expiredToken: "ExpiredToken"
        case .presignedRequestExpired: "RequestExpired"
        default: "SignatureDoesNotMatch"
        }
    }

    private var objectsCode: String {
        switch self {
        case .missingAuthenticationToken, .presignedRequestExpired, .headersNotSigned: "AccessDenied"
        case .incompleteSignature, .wrongScope: "AuthorizationHeaderMalformed"
        case .unknownAccessKey: "InvalidAccessKeyId"
        case .expiredToken: "ExpiredToken"
        case .expired, .notYetCurrent: "RequestTimeTooSkewed"
        case .signatureDoesNotMatch, .chunkSignatureDoesNotMatch: "SignatureDoesNotMatch"
        case .payloadDoesNotMatch: "XAmzContentSHA256Mismatch"
        case .unsupportedPayload: "InvalidRequest"
        }
    }
}
