import AWSProtocols
import RequestSigning

/// A request for an AWS operation, by its head, and what becomes known of it.
///
/// Used by the one task that answers it; see `AdmittedCall` on why it is a class.
final class ReceivedRequest {
    let head: WireRequest
    let body: IncomingBody
    let signable: SignableRequest
    let signature: Result<SignatureParameters, SignatureError>
    let route: RequestRoute
    /// What its head tells of the signature, once that was checked.
    var checked: CheckedSignature?
    /// What a failure is told and logged with.
    var outcome: RequestOutcome

    /// A request whose body is still to be read.
    init(_ head: WireRequest, _ body: IncomingBody, requestID: String, router: RequestRouter, log: RequestLog) {
        self.head = head
        self.body = body
        let signable = SignatureCheck.signable(head)
        self.signable = signable
        signature = Result { () throws(SignatureError) in try SignatureParameters(signable) }
        route = router.route(head, signedService: try? signature.get().scope.service)
        outcome = RequestOutcome(model: route.model, wireProtocol: route.wireProtocol, requestID: requestID, log: log)
        outcome.log.service = route.model?.name
        if case .named(let name, _) = route.operation { outcome.log.operation = name }
    }

    /// Whether nothing in the request says who makes it.
    var isUnsigned: Bool {
        if case .failure(.missingAuthenticationToken) = signature { true } else { false }
    }
}
