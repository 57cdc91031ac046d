import AWSProtocols
import HummingbirdCore
import RequestSigning
import TimeSource

/// What is needed to tell how a request ended.
struct RequestOutcome: Sendable {
    /// The service; nil when the request names none that is known.
    let model: ServiceModel?
    /// The protocol that the request is written in.
    let wireProtocol: WireProtocol
    /// The id that the answer carries.
    let requestID: String
    /// The request's log.
    var log: RequestLog

    /// The answer of a call that was waited for. Not inlined: what it needs would be part of the frame that waits.
    @inline(never)
    func response(_ result: Result<WireResponse, any Error>, at clock: any ClockSource) -> Response {
        switch result {
        case .success(let response): response.response
        case .failure(let error): failure(error, at: clock.monotonic).response
        }
    }

    /// Tells a failure in the protocol and the service's own words, and logs it.
    func failure(_ error: any Error, at now: MonotonicInstant) -> WireResponse {
        let encoder = ErrorEncoder(model: model, wireProtocol: wireProtocol)
        switch error {
        case let error as SignatureError:
            let error = APIError(error, wireProtocol)
            log.fail(error, at: now)
            return encoder.response(error, requestID: requestID)
        case let error as APIError:
            let response = encoder.response(error, requestID: requestID)
            log.fail(error, status: response.status, at: now)
            return response
        default:
            log.fail(unexpected: error, at: now)
            return encoder.response(.internalFailure(), requestID: requestID)
        }
    }
}
