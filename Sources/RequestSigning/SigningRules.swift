/// What one service demands of a request's signature.
package struct SigningRules: Sendable {
    /// The region that scopes must name.
    package var region: String
    /// The service name that scopes must name.
    package var service: String
    /// How far the time of signing may lie from now, in both directions.
    package var skew: Duration
    /// How the path is canonicalised.
    var pathStyle: CanonicalRequest.PathStyle
    /// Whether a body may be unsigned or signed in chunks.
    var allowsUnhashedPayload: Bool

    /// The rules of a service with an ordinary API.
    package static func api(service: String, region: String, skew: Duration = .seconds(300)) -> SigningRules {
        SigningRules(
            region: region, service: service, skew: skew, pathStyle: .normalized, allowsUnhashedPayload: false)
    }

    /// The rules of the object store: paths are object keys, bodies may be unsigned or come in chunks, and the skew is 15 minutes.
    package static func objects(region: String, skew: Duration = .seconds(900)) -> SigningRules {
        SigningRules(region: region, service: "s3", skew: skew, pathStyle: .objectKey, allowsUnhashedPayload: true)
    }
}
