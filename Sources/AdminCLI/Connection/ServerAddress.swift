/// Where the server listens: `http://127.0.0.1:7070`.
package struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// Where it listens unless it was told otherwise.
    package static let standard = "http://127.0.0.1:7070"

    /// Scheme, host and port, without a slash at the end.
    package let description: String
    /// Host and port as the `Host` header has them: the scheme's own port is left out.
    package let authority: String
    /// Whether it is reached over TLS.
    package let isSecure: Bool

    /// Reads a URL of scheme, host and port; nil when it is anything else. A path is not part of an address.
    package init?(_ text: String) {
        let parts = text.split(separator: "://", maxSplits: 1)
        guard parts.count == 2, ["http", "https"].contains(parts[0].lowercased()) else { return nil }
        var authority = String(parts[1])
        while authority.hasSuffix("/") { authority.removeLast() }
        guard !authority.isEmpty, authority.allSatisfy({ $0.isASCII && !"/?#@ \\".contains($0) && !$0.isWhitespace }) else { return nil }
        isSecure = parts[0].lowercased() == "https"
        let host: Substring
        // An IPv6 address has colons of its own, and therefore brackets.
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[...end]
        } else {
            host = authority.prefix { $0 != ":" }
        }
        let rest = authority[host.endIndex...]
        guard !host.isEmpty else { return nil }
        if !rest.isEmpty {
            guard rest.first == ":", let port = UInt16(rest.dropFirst()), port > 0 else { return nil }
            if port == (isSecure ? 443 : 80) { authority = String(host) }
        }
        self.authority = authority
        description = "\(isSecure ? "https" : "http")://\(authority)"
    }
}
