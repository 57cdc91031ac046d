package import AWSProtocols

/// Which service and operation a request is for, as far as its head tells.
package struct RequestRoute: Sendable {
    /// Where the operation's name stands.
    package enum Operation: Sendable {
        /// Named by header or path; REST also found the path's labels.
        case named(String, labels: [(String, String)])
        /// In the form's `Action`, which may be in the body.
        case inForm
        /// Nowhere: there is no such operation.
        case unknown(APIError)
    }

    /// The service; nil when the request names none that is known.
    package let model: ServiceModel?
    /// The protocol that the request is written in.
    package let wireProtocol: WireProtocol
    /// Where the operation's name stands.
    package let operation: Operation
}
