import AWSProtocols
import RequestSigning
import TimeSource

/// The signature of a request in two steps: what the head tells, then the body.
struct SignatureCheck: Sendable {
    private let verifier: SignatureVerifier
    private let clock: any ClockSource
    private let region: String
    private let skew: Duration

    /// A check by these keys and limits.
    init(verifier: SignatureVerifier, clock: any ClockSource, region: String, skew: Duration) {
        self.verifier = verifier
        self.clock = clock
        self.region = region
        self.skew = skew
    }

    /// The request as signatures see it.
    static func signable(_ head: WireRequest) -> SignableRequest {
        SignableRequest(
            method: head.method, path: Array(head.path.utf8), query: Array(head.query.utf8),
            headers: head.headers.map { SignableRequest.Header($0.name, $0.value) })
    }

    /// Checks everything but the signature itself, by the head alone, and leaves the rest to be verified with the body.
    func check(_ request: ReceivedRequest, service: String) throws {
        request.checked = try verifier.check(
            request.signable, parameters: try request.signature.get(), rules: .api(service: service, region: region, skew: skew),
            now: clock.now)
    }
}

extension APIError {
    /// A signature error as the protocol spells it.
    init(_ error: SignatureError, _ wireProtocol: WireProtocol) {
        let dialect: SignatureError.Dialect =
            switch wireProtocol {
            case .json10, .json11: .json
            case .restJSON: .restJSON
            case .query: .query
            case .restXML: .objects
            }
        self.init(error.code(in: dialect), error.message, httpStatus: error.status(in: dialect))
    }
}
