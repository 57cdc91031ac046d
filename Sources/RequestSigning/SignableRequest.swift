/// The parts of an HTTP request that a signature covers, as they travel on the wire.
package struct SignableRequest: Sendable {
    /// One header line. The name may be in any case; lines with the same name stay apart and in order.
    package struct Header: Hashable, Sendable {
        /// The field's name.
        package var name: String
        /// The field's value as received, spaces included.
        package var value: String

        /// A header line.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The method as on the request line, `POST`.
    package var method: String
    /// The path as on the request line: percent-encoded, with its leading slash, without `?` and what follows.
    package var path: [UInt8]
    /// What follows the first `?` on the request line, percent-encoded; empty when there is nothing.
    package var query: [UInt8]
    /// All header lines. HTTP/2's `:authority`, and a host that the server's framework keeps apart, must be here as `host`.
    package var headers: [Header]

    /// A request from its parts.
    package init(method: String, path: [UInt8], query: [UInt8], headers: [Header]) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
    }

    /// A request from its request target, such as `/path?a=b`, which is split at the first `?`.
    package init(method: String, target: String, headers: [Header]) {
        let bytes = Array(target.utf8)
        let mark = bytes.firstIndex(of: UInt8(ascii: "?"))
        self.init(
            method: method, path: Array(bytes[..<(mark ?? bytes.endIndex)]),
            query: mark.map { Array(bytes[($0 + 1)...]) } ?? [], headers: headers)
    }

    /// The values of all lines with that name, which is given in lower case.
    func values(of lowercaseName: String) -> [String] {
        headers.compactMap { ASCII.equalsIgnoringCase($0.name, lowercaseName) ? $0.value : nil }
    }

    /// The value of the first line with that name, which is given in lower case.
    func firstValue(of lowercaseName: String) -> String? {
        headers.first { ASCII.equalsIgnoringCase($0.name, lowercaseName) }?.value
    }
}
