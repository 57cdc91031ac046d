/// An HTTP request with its whole body, as the codecs see it: no server's own types.
package struct WireRequest: Sendable {
    /// The method: `POST`.
    package var method: String
    /// The path as the client sent it, percent-encoded.
    package var path: String
    /// The query as the client sent it, percent-encoded, without the question mark; empty when there is none.
    package var query: String
    /// The headers in order; names in lower case.
    package var headers: [(name: String, value: String)]
    /// The body.
    package var body: [UInt8]

    /// A request of these parts; header names must be in lower case.
    package init(
        method: String, path: String, query: String = "", headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The first value of a header, by its name in lower case.
    package func header(_ name: String) -> String? {
        for header in headers where header.name == name { return header.value }
        return nil
    }
}
