/// Where and how the server listens, and what it lets through.
package struct APIServerConfiguration: Sendable, Equatable {
    /// The files of a TLS identity, in PEM.
    package struct TLSFiles: Sendable, Equatable {
        /// The certificate with its chain, the server's own first.
        package var certificateChain: String
        /// The private key.
        package var privateKey: String

        /// An identity of these files.
        package init(certificateChain: String, privateKey: String) {
            self.certificateChain = certificateChain
            self.privateKey = privateKey
        }
    }

    /// The address to listen on: a host name or an IP address.
    package var host: String
    /// The port; 0 lets the system choose one, which `APIService` reports.
    package var port: Int
    /// The TLS identity; nil serves plain HTTP.
    package var tls: TLSFiles?
    /// Whether plain HTTP may be served beyond the machine itself.
    package var allowsInsecure: Bool
    /// The region that the server answers for and that signatures must name.
    package var region: String
    /// How far the time of a signature may lie from the server's own.
    package var signatureSkew: Duration
    /// How many bytes of bodies whose signature is not verified yet may be held at a time, over all requests.
    package var unverifiedBodyBudget: Int
    /// How many bytes of verified bodies may be held at a time, over all requests that have no answer yet. Past it clients are told to
    /// try again: when the disk falls behind, callers become slower and memory does not grow.
    package var bodyBudget: Int
    /// After how long a connection without request is closed.
    package var idleTimeout: Duration
    /// Names under which clients of S3 reach the server, beside `localhost`, so that they may put the bucket before them:
    /// `Host: BUCKET.NAME`.
    package var objectHosts: [String]

    /// A configuration of these values; the defaults are the product's.
    package init(
        host: String = "127.0.0.1", port: Int = 7_070, tls: TLSFiles? = nil, allowsInsecure: Bool = false,
        region: String = "us-east-1", signatureSkew: Duration = .seconds(300), unverifiedBodyBudget: Int = 256 << 20,
        bodyBudget: Int = 512 << 20, idleTimeout: Duration = .seconds(300),
        objectHosts: [String] = []
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.allowsInsecure = allowsInsecure
        self.region = region
        self.signatureSkew = signatureSkew
        self.unverifiedBodyBudget = unverifiedBodyBudget
        self.bodyBudget = bodyBudget
        self.idleTimeout = idleTimeout
        self.objectHosts = objectHosts
    }

    /// The configuration itself when it makes sense.
    /// - Throws: all its problems at once, each with what to do.
    package func validated() throws(InvalidServerConfiguration) -> APIServerConfiguration {
        var problems: [String] = []
        if host.isEmpty { problems.append("The address to listen on is empty; 127.0.0.1 serves this machine alone.") }
        if !(0...65_535).contains(port) { problems.append("The port \(port) is not between 0 and 65535.") }
        if tls == nil, !allowsInsecure, !isLoopback {
            problems.append(
                "The address \(host) can be reached from other machines: give a certificate and key, or allow plain HTTP with --insecure.")
        }
        if let tls, tls.certificateChain.isEmpty || tls.privateKey.isEmpty {
            problems.append("TLS needs both a certificate chain and a private key.")
        }
        if !APIServerConfiguration.isRegion(region) { problems.append("'\(region)' is not a region such as us-east-1.") }
        if signatureSkew < .seconds(1) { problems.append("The signature's skew must be a second at least.") }
        if unverifiedBodyBudget < 1 << 20 { problems.append("The budget of unverified bodies must be 1 MiB at least.") }
        if bodyBudget < 1 << 20 { problems.append("The budget of bodies must be 1 MiB at least.") }
        for name in objectHosts where !APIServerConfiguration.isHostName(name) {
            problems.append("'\(name)' is not the name of a host, such as objects.example.com.")
        }
        if idleTimeout < .seconds(1) { problems.append("The idle timeout must be a second at least.") }
        guard problems.isEmpty else { throw InvalidServerConfiguration(problems: problems) }
        return self
    }

    /// Whether only this machine can reach the address.
    package var isLoopback: Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && host.split(separator: ".").count == 4)
    }

    private static func isHostName(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count)
                    && label.utf8.allSatisfy { byte in
                        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D
                    }
            }
    }

    private static func isRegion(_ text: String) -> Bool {
        text.utf8.count <= 32 && text.split(separator: "-").count >= 3
            && text.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
    }
}

/// What is wrong with a configuration.
package struct InvalidServerConfiguration: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence a problem.
    package let problems: [String]

    /// The problems, a line each.
    package var description: String { problems.joined(separator: "\n") }
}
