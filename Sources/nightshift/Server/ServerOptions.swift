import ArgumentParser
import Foundation

/// The flags of `nightshift server`. Each may also come from the environment as `NIGHTSHIFT_` and its name in capitals.
struct ServerOptions: ParsableArguments {
    @Option(help: "Address and port to listen on (default 127.0.0.1:7070).")
    var listen: String?

    @Option(help: "Data directory, created when it is missing (default /var/lib/nightshift for root, else ~/.local/share/nightshift).")
    var data: String?

    @Option(help: "Database as postgres://USER:PASSWORD@HOST:PORT/NAME (default the embedded one, in the data directory).")
    var database: String?

    @Option(help: "Region in ARNs and signatures (default us-east-1).")
    var region: String?

    @Option(help: "Mail server as host:port. Without it mails wait until one is given.")
    var smtp: String?

    @Option(name: .customLong("mail-from"), help: "Sender of mails (default nightshift@HOSTNAME).")
    var mailFrom: String?

    @Option(name: .customLong("smtp-user"), help: "User name at the mail server.")
    var smtpUser: String?

    @Option(name: .customLong("smtp-password-file"), help: "File with the password at the mail server.")
    var smtpPasswordFile: String?

    @Option(name: .customLong("smtp-tls"), help: "opportunistic (default), required, implicit or never.")
    var smtpTLS: String?

    @Option(help: "Python interpreter for functions, with awslambdaric installed (default python3 on the PATH).")
    var python: String?

    @Option(name: .customLong("function-user"), help: "User that functions run as when the server runs as root.")
    var functionUser: String?

    @Option(name: .customLong("execution-retention"), help: "Days that executions and their histories are kept after their end (default 90).")
    var executionRetention: String?

    @Option(
        name: .customLong("object-host"),
        help: "Name under which S3 clients reach the server as BUCKET.NAME, beside localhost. May be repeated.")
    var objectHosts: [String] = []

    @Option(
        name: .customLong("object-store-endpoint"),
        help: "Address of a real S3 that objects are handed over to, as http://HOST:PORT or https://HOST (default they are kept here).")
    var objectStoreEndpoint: String?

    @Option(name: .customLong("object-store-region"), help: "Region of that S3 (default that of --region).")
    var objectStoreRegion: String?

    @Option(
        name: .customLong("object-store-credentials"),
        help: "File with the access key for that S3, as of the AWS CLI; PATH or PATH:PROFILE (default AWS_ACCESS_KEY_ID and its kin).")
    var objectStoreCredentials: String?

    @Option(name: [.customLong("tls-certificate"), .customLong("tls-cert")], help: "File with the server's certificate chain (PEM).")
    var tlsCertificate: String?

    @Option(name: .customLong("tls-key"), help: "File with the certificate's private key (PEM).")
    var tlsKey: String?

    @Flag(help: "Allow an address other than loopback without TLS.")
    var insecure = false

    @Option(name: .customLong("log-level"), help: "trace, debug, info (default), notice, warning, error or critical.")
    var logLevel: String?

    @Flag(name: .customLong("check-config"), help: "Print the effective settings, secrets hidden, and end.")
    var checkConfig = false

    /// A flag's value, else the environment's, else the default.
    func value(_ flag: String?, _ name: String, default fallback: String) -> String {
        optional(flag, name) ?? fallback
    }

    /// A repeated flag's values, else those of the environment between commas.
    func values(_ flags: [String], _ name: String) -> [String] {
        flags.isEmpty ? (optional(nil, name) ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } : flags
    }

    /// A flag's value, else the environment's.
    func optional(_ flag: String?, _ name: String) -> String? {
        if let flag { return flag }
        guard let text = ProcessInfo.processInfo.environment["NIGHTSHIFT_" + name], !text.isEmpty else { return nil }
        return text
    }
}
