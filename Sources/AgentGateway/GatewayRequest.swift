import AgentProtocol

/// A body is longer than an agent's may be.
package struct BodyTooLarge: Error {
    /// A body is too long.
    package init() {}
}

/// A request of an agent, as the transport gives it.
package struct GatewayRequest: Sendable {
    /// The method in capitals.
    package let method: String
    /// The path, decoded or not: agents' paths have nothing to decode.
    package let path: String
    /// Path and query exactly as in the request line: what is signed.
    package let target: String
    /// A header by its name in lower case; nil when absent.
    package let header: @Sendable (String) -> String?
    /// Reads the body, once; with a limit of zero bytes nothing is read.
    /// - Throws: `BodyTooLarge` for a body longer than the limit in bytes.
    package let body: @Sendable (_ limit: Int) async throws -> [UInt8]
    /// The client's IP address; nil when the connection has none.
    package let remoteAddress: String?

    /// A request of these parts.
    package init(
        method: String, path: String, target: String, header: @escaping @Sendable (String) -> String?,
        body: @escaping @Sendable (_ limit: Int) async throws -> [UInt8], remoteAddress: String?
    ) {
        self.method = method
        self.path = path
        self.target = target
        self.header = header
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// The value of a query parameter; nil when absent or not decodable. Of several the first counts.
    func parameter(_ name: String) -> String? {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        for pair in target[target.utf8.index(after: mark)...].utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].elementsEqual(name.utf8) else { continue }
            return PercentEncoding.decode(Substring(parts[1]))
        }
        return nil
    }
}
