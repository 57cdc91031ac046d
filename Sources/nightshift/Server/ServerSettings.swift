import APIServer
import DatabasePostgres
import Glibc
import Integrations
import Logging
import SMTPMail

/// The effective settings of a server: flags, else environment, else defaults, checked together.
struct ServerSettings: CustomStringConvertible {
    /// All that is wrong.
    struct Problems: Error, CustomStringConvertible {
        let description: String
    }

    /// Where and how the server listens.
    let api: APIServerConfiguration
    /// The data directory.
    let dataDirectory: String
    /// The PostgreSQL database, nil for the embedded one in the data directory.
    let database: PostgresURL?
    /// The account that everything belongs to: one tenant so far.
    let account = "000000000000"
    /// The mail server, nil when none is configured.
    let mail: MailConfiguration?
    /// The interpreter of Python functions.
    let python: String
    /// The user that functions run as, when the server is root.
    let functionUser: String?
    /// The S3 that objects are handed over to; nil when they are kept here.
    let objectStore: RemoteObjectsConfiguration?
    /// How many days executions and their histories are kept after their end.
    let executionRetentionDays: Int
    /// Most runtime processes of all functions together.
    let maximumFunctionProcesses = 32
    /// How much is logged.
    let logLevel: Logger.Level

    /// Reads the options; throws every problem at once.
    init(_ options: ServerOptions) throws {
        var problems: [String] = []
        let listen = options.value(options.listen, "LISTEN", default: "127.0.0.1:7070")
        let address = ServerSettings.address(listen)
        if address == nil { problems.append("--listen \(listen): expected HOST:PORT") }
        var api = APIServerConfiguration(
            host: address?.host ?? "127.0.0.1", port: address.map { $0.port == 0 ? FreePort.choose() ?? 0 : $0.port } ?? 7070,
            allowsInsecure: options.insecure,
            region: options.value(options.region, "REGION", default: "us-east-1"),
            objectHosts: options.values(options.objectHosts, "OBJECT_HOST"))
        switch (options.optional(options.tlsCertificate, "TLS_CERTIFICATE"), options.optional(options.tlsKey, "TLS_KEY")) {
        case (let certificate?, let key?):
            api.tls = .init(certificateChain: certificate, privateKey: key)
            for (flag, file) in [("--tls-certificate", certificate), ("--tls-key", key)] where access(file, R_OK) != 0 {
                problems.append("\(flag) \(file): cannot be read")
            }
        case (nil, nil): break
        default: problems.append("--tls-certificate and --tls-key go together")
        }
        do throws(InvalidServerConfiguration) {
            self.api = try api.validated()
        } catch {
            self.api = api
            problems += error.problems
        }
        dataDirectory = options.value(options.data, "DATA", default: DataDirectory.defaultPath)
        do throws(PostgresURL.Invalid) {
            database = try options.optional(options.database, "DATABASE").map(PostgresURL.init)
        } catch {
            database = nil
            problems.append("--database: \(error)")
        }
        do {
            mail = try ServerSettings.mail(options)
        } catch {
            mail = nil
            problems.append("\(error)")
        }
        do {
            objectStore = try ServerSettings.objectStore(options, region: api.region)
        } catch {
            objectStore = nil
            problems.append("\(error)")
        }
        python = options.value(options.python, "PYTHON", default: "python3")
        functionUser = options.optional(options.functionUser, "FUNCTION_USER")
        let retention = options.value(options.executionRetention, "EXECUTION_RETENTION", default: "90")
        executionRetentionDays = Int(retention) ?? 0
        if !(1...36_500).contains(executionRetentionDays) {
            problems.append("--execution-retention \(retention): expected a number of days from 1 to 36500")
        }
        let level = options.value(options.logLevel, "LOG_LEVEL", default: "info")
        if Logger.Level(rawValue: level) == nil { problems.append("--log-level \(level): no such level") }
        logLevel = Logger.Level(rawValue: level) ?? .info
        guard problems.isEmpty else { throw Problems(description: problems.joined(separator: "\n")) }
    }

    /// What `--check-config` prints.
    var description: String {
        """
        listen: \(api.host):\(api.port)
        tls: \(api.tls == nil ? "no" : "yes")
        region: \(api.region)
        account: \(account)
        object store: \(objectStore.map { "\($0.endpoint) in \($0.region)" } ?? "here")
        object hosts: \((api.objectHosts + ["localhost"]).joined(separator: ", "))
        data: \(dataDirectory)
        database: \(database?.redacted ?? "embedded")
        smtp: \(mail.map { "\($0.host):\($0.port) as \($0.from)" } ?? "none")
        python: \(python)
        function user: \(functionUser ?? "the server's own")
        execution retention: \(executionRetentionDays) days
        log level: \(logLevel.rawValue)
        """
    }

    private static func address(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return host.isEmpty ? nil : (host, port)
    }

    private static func objectStore(_ options: ServerOptions, region: String) throws -> RemoteObjectsConfiguration? {
        guard let address = options.optional(options.objectStoreEndpoint, "OBJECT_STORE_ENDPOINT") else { return nil }
        guard let endpoint = RemoteEndpoint(address) else {
            throw Problems(description: "--object-store-endpoint \(address): expected http://HOST:PORT or https://HOST")
        }
        let file = options.optional(options.objectStoreCredentials, "OBJECT_STORE_CREDENTIALS")
        guard let credentials = try file.map(ObjectStoreCredentials.read) ?? ObjectStoreCredentials.ofEnvironment() else {
            throw Problems(
                description: "--object-store-endpoint needs --object-store-credentials, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        }
        return RemoteObjectsConfiguration(
            endpoint: endpoint, region: options.value(options.objectStoreRegion, "OBJECT_STORE_REGION", default: region),
            credentials: credentials)
    }

    private static func mail(_ options: ServerOptions) throws -> MailConfiguration? {
        guard let endpoint = options.optional(options.smtp, "SMTP") else { return nil }
        var mail = try MailConfiguration(endpoint: endpoint)
        if let from = options.optional(options.mailFrom, "MAIL_FROM") { mail.from = from }
        if let user = options.optional(options.smtpUser, "SMTP_USER"),
            let file = options.optional(options.smtpPasswordFile, "SMTP_PASSWORD_FILE")
        {
            mail.credentials = MailCredentials(username: user, password: try PasswordFile.read(file))
        }
        switch options.optional(options.smtpTLS, "SMTP_TLS") {
        case nil, "opportunistic": break
        case "required": mail.encryption = .required
        case "implicit": mail.encryption = .implicit
        case "never": mail.encryption = .never
        case let other?: throw Problems(description: "--smtp-tls \(other): expected opportunistic, required, implicit or never")
        }
        return try mail.validated()
    }
}
