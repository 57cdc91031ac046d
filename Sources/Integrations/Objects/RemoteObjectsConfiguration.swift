package import RequestSigning

/// Where the real S3 is that objects are handed over to, and how requests to it are signed.
package struct RemoteObjectsConfiguration: Sendable {
    /// The address: `https://s3.eu-central-1.amazonaws.com`, `http://10.0.0.5:9000`. Buckets stand in the path.
    package let endpoint: RemoteEndpoint
    /// The region in its signatures.
    package let region: String
    /// The access key there.
    package let credentials: RequestSigner.Credentials

    /// A configuration of these values.
    package init(endpoint: RemoteEndpoint, region: String, credentials: RequestSigner.Credentials) {
        self.endpoint = endpoint
        self.region = region
        self.credentials = credentials
    }
}

/// The address of a server: scheme, host and port, without a path.
package struct RemoteEndpoint: Sendable, Equatable, CustomStringConvertible {
    /// Whether it is reached over TLS, so that what is sent need not be hashed.
    package let isSecure: Bool
    /// The value of the `Host` header: the name, and the port when it is not the scheme's own.
    package let host: String

    /// Reads `https://HOST[:PORT]`, with or without a slash at its end; nil when the text is no such address.
    package init?(_ text: String) {
        let scheme = ["https://", "http://"].first { text.lowercased().hasPrefix($0) }
        guard let scheme else { return nil }
        var host = text.dropFirst(scheme.utf8.count)
        if host.hasSuffix("/") { host.removeLast() }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "@") })
        else { return nil }
        isSecure = scheme == "https://"
        let ownPort = isSecure ? ":443" : ":80"
        self.host = host.hasSuffix(ownPort) ? String(host.dropLast(ownPort.utf8.count)) : String(host)
    }

    /// The address as text.
    package var description: String { (isSecure ? "https://" : "http://") + host }
}
