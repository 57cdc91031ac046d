/// How to reach the mail server, and as whom.
package struct MailConfiguration: Sendable, Equatable {
    /// When the conversation is encrypted.
    package enum Encryption: String, Sendable, CaseIterable {
        /// STARTTLS when the server offers it, else plain text.
        case opportunistic
        /// STARTTLS, or the mail waits.
        case required
        /// TLS from the first octet (RFC 8314), usually on port 465.
        case implicit
        /// Plain text always.
        case never
    }

    /// Whether the server must prove its name by a certificate.
    package enum CertificateCheck: String, Sendable, CaseIterable {
        /// Where encryption is promised (`required`, `implicit`) or a password is sent. Opportunistic encryption without a password
        /// takes any certificate: the alternative would be plain text (RFC 7435).
        case automatic
        case always
        case never
    }

    /// Name or address of the mail server.
    package var host: String
    package var port: Int
    package var encryption: Encryption = .opportunistic
    package var certificateCheck: CertificateCheck = .automatic
    /// PEM file with the authorities to trust; nil means the system's.
    package var trustRootsFile: String?
    /// Who logs in; nil means nobody does.
    package var credentials: MailCredentials?
    /// Permits sending the password without encryption.
    package var allowsPlainTextPassword = false
    /// The sender of mails that name no other.
    package var from: String
    /// The name that EHLO gives.
    package var helloName: String
    package var connectTimeout: Duration = .seconds(30)
    /// Longest wait for any reply but the last (RFC 5321, section 4.5.3.2: five minutes).
    package var replyTimeout: Duration = .seconds(300)
    /// Longest wait for the reply to the content (same section: ten minutes; a shorter one doubles mails).
    package var contentReplyTimeout: Duration = .seconds(600)

    /// Defaults for everything but the server; `hostName` is this machine's.
    package init(host: String, port: Int, hostName: String = HostName.ofThisMachine()) {
        self.host = host
        self.port = port
        from = "nightshift@\(hostName)"
        helloName = hostName
    }

    /// Reads `host:port`, `host` (port 25), `[IPv6 address]:port` or `[IPv6 address]`.
    package init(endpoint: String, hostName: String = HostName.ofThisMachine()) throws(InvalidMailConfiguration) {
        guard let (host, port) = Self.split(endpoint) else {
            throw InvalidMailConfiguration(problems: ["'\(endpoint)' is not HOST:PORT of a mail server"])
        }
        self.init(host: host, port: port, hostName: hostName)
    }

    /// The configuration itself when it can work; else every problem at once.
    package func validated() throws(InvalidMailConfiguration) -> MailConfiguration {
        var problems: [String] = []
        let isAddressText = host.utf8.allSatisfy { $0.isHexDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
        if !HostName.isValid(host), host.isEmpty || !isAddressText {
            problems.append("'\(host)' is not the name or address of a mail server")
        }
        if !(1...65_535).contains(port) { problems.append("the mail server's port \(port) is not between 1 and 65535") }
        do { _ = try MailAddress(from) } catch { problems.append("the sender: \(error.reason)") }
        if !HostName.isValid(helloName) { problems.append("'\(helloName)' cannot stand in EHLO") }
        problems += credentials?.problems() ?? []
        if credentials != nil, encryption == .never, !allowsPlainTextPassword {
            problems.append("a password without encryption must be allowed explicitly")
        }
        if [connectTimeout, replyTimeout, contentReplyTimeout].contains(where: { $0 <= .zero || $0 > .seconds(86_400) }) {
            problems.append("the timeouts must be longer than nothing and no longer than a day")
        }
        guard problems.isEmpty else { throw InvalidMailConfiguration(problems: problems) }
        return self
    }

    /// Whether the server's certificate is checked, the `automatic` rule applied.
    var checksCertificate: Bool {
        switch certificateCheck {
        case .always: true
        case .never: false
        case .automatic: encryption != .opportunistic || credentials != nil
        }
    }

    private static func split(_ endpoint: String) -> (host: String, port: Int)? {
        var host = Substring(endpoint)
        var port: Substring = "25"
        if endpoint.hasPrefix("[") {
            guard let close = endpoint.firstIndex(of: "]") else { return nil }
            host = endpoint[endpoint.index(after: endpoint.startIndex)..<close]
            let rest = endpoint[endpoint.index(after: close)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            if !rest.isEmpty { port = rest.dropFirst() }
        } else if let colon = endpoint.lastIndex(of: ":") {
            host = endpoint[..<colon]
            port = endpoint[endpoint.index(after: colon)...]
            guard !host.contains(":") else { return nil }
        }
        guard !host.isEmpty, port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port) else { return nil }
        return (String(host), number)
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): true
        default: false
        }
    }
}
