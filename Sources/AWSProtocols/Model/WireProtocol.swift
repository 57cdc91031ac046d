/// A protocol that AWS services speak. A service may speak several; a request shows which one it uses.
package enum WireProtocol: Sendable, Hashable {
    /// `X-Amz-Target` and a JSON body, `application/x-amz-json-1.0`.
    case json10
    /// `X-Amz-Target` and a JSON body, `application/x-amz-json-1.1`.
    case json11
    /// Method and path, with JSON bodies.
    case restJSON
    /// Method, path and query, with XML bodies and objects as they are.
    case restXML
    /// A form with `Action`, answered in XML.
    case query

    /// The content type of answers.
    package var contentType: String {
        switch self {
        case .json10: "application/x-amz-json-1.0"
        case .json11: "application/x-amz-json-1.1"
        case .restJSON: "application/json"
        case .restXML: "application/xml"
        case .query: "text/xml"
        }
    }
}
