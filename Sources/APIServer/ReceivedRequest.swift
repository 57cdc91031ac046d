import AWSProtocols
import RequestSigning

/// A request for an AWS operation, by its head, and what becomes known of it.
///
/// Used by the one task that answers it; see `AdmittedCall` on why it is a class.
final class ReceivedRequest {
    let head: WireRequest
    let body: IncomingBody
    let requestID: String
    let signable: SignableRequest
    let signature: Result<SignatureParameters, SignatureError>
    let route: RequestRoute
    var log: RequestLog

    /// A request whose body is still to be read.
    init(_ head: WireRequest, _ body: IncomingBody, requestID: String, router: RequestRouter, log: RequestLog) {
        self.head = head
        self.body = body
        self.requestID = requestID
        let signable = SignatureCheck.signable(head)
        self.signable = signable
        signature = Result { () throws(SignatureError) in try SignatureParameters(signable) }
        route = router.route(head, signedService: try? signature.get().scope.service)
        self.log = log
        self.log.service = route.model?.name
        if case .named(let name, _) = route.operation { self.log.operation = name }
    }

    /// Tells a failure in the protocol and the service's own words.
    var errorEncoder: ErrorEncoder { ErrorEncoder(model: route.model, wireProtocol: route.wireProtocol) }
}
