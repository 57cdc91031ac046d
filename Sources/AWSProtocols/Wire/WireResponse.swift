/// An HTTP answer with its whole body, as the codecs make it.
package struct WireResponse: Sendable {
    /// The status.
    package var status: Int
    /// The headers; the server adds `Content-Length` and `Date`.
    package var headers: [(name: String, value: String)]
    /// The body.
    package var body: [UInt8]

    /// An answer of these parts.
    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header, by its name in any case.
    package func header(_ name: String) -> String? {
        let name = name.lowercased()
        for header in headers where header.name.lowercased() == name { return header.value }
        return nil
    }
}
