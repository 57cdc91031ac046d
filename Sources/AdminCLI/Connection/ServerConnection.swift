import AsyncHTTPClient
package import JSONCore
import NIOCore
import NIOHTTP1
import NIOSSL
import RequestSigning
import TimeSource

/// The server over its public API: signed HTTP, as any AWS client speaks to it.
package final class ServerConnection: APICaller {
    /// How the server is reached.
    package struct Configuration: Sendable {
        /// Where.
        package var address: ServerAddress
        /// The region in signatures.
        package var region: String
        /// A file with the certificates to trust, instead of the system's.
        package var certificateAuthorityFile: String?
        /// How long a call may take.
        package var timeout: Duration = .seconds(60)
    }

    private static let answerLimit = 64 * 1_048_576

    private let configuration: Configuration
    private let credentials: FoundCredentials
    private let clock: any ClockSource
    private let client: HTTPClient

    /// A connection, opened with the first call.
    init(_ configuration: Configuration, credentials: FoundCredentials, clock: any ClockSource) {
        self.configuration = configuration
        self.credentials = credentials
        self.clock = clock
        var settings = HTTPClient.Configuration(timeout: .init(connect: .seconds(5)))
        settings.httpVersion = .http1Only
        settings.redirectConfiguration = .disallow
        // A refused connection is told at once; who wants to wait for the server does so itself.
        settings.connectionPool.retryConnectionEstablishment = false
        if let file = configuration.certificateAuthorityFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(file)
            settings.tlsConfiguration = tls
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    /// Closes the connection.
    func close() async {
        try? await client.shutdown()
    }

    package func call(_ call: APICall) async throws -> JSONObject {
        let body = JSONWriter.bytes(of: .object(call.input))
        var headers: [SignableRequest.Header] = [
            .init("host", configuration.address.authority), .init("content-type", "application/x-amz-json-\(call.jsonVersion)"),
            .init("x-amz-target", call.target),
        ]
        headers += RequestSigner(credentials: credentials.credentials, region: configuration.region, service: call.service).headers(
            signing: SignableRequest(method: "POST", target: "/", headers: headers), body: PayloadDigest(of: body), at: clock.now)

        var request = HTTPClientRequest(url: configuration.address.description + "/")
        request.method = .POST
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        let status: Int
        let answer: [UInt8]
        do {
            let response = try await client.execute(
                request, timeout: .milliseconds(configuration.timeout.wholeMilliseconds))
            status = Int(response.status.code)
            answer = Array(try await response.body.collect(upTo: ServerConnection.answerLimit).readableBytesView)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ConnectionFailure(address: configuration.address.description, reason: ServerConnection.reason(error))
        }
        return try read(answer, status: status, of: call)
    }

    private func read(_ answer: [UInt8], status: Int, of call: APICall) throws -> JSONObject {
        // An operation without an output may answer nothing at all, as those of queues do.
        let document = answer.isEmpty && status == 200 ? [:] : (try? JSONParser.parse(answer))?.object
        if status == 200, let document { return document }
        guard let document, let type = document["__type"]?.text else {
            throw ConnectionFailure(
                address: configuration.address.description,
                reason: "it answered \(call.operation) with status \(status) and no AWS error; something else listens there")
        }
        let code = String(type.split(separator: "#").last ?? Substring(type))
        throw APIFailure(
            code: code, message: (document["message"] ?? document["Message"])?.text ?? "", status: status, operation: call.operation,
            advice: advice(code))
    }

    private func advice(_ code: String) -> String {
        switch code {
        case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch",
            "IncompleteSignatureException", "MissingAuthenticationTokenException", "ExpiredTokenException":
            """
            The request was signed with \(credentials.credentials.accessKeyID) from \(credentials.source). Is that a key of the server at \
            \(configuration.address)? Its own key is taken with --data DIRECTORY.
            """
        case "UnknownOperationException", "UnsupportedOperation": "The server is older than this command, or does not serve it yet."
        default: ""
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout: "no answer to the connection attempt"
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout: "no answer in time"
        case let error as HTTPClientError where error == .remoteConnectionClosed: "it closed the connection"
        case let error as IOError: error.errnoCode == 111 ? "connection refused" : "\(error)"
        case let error as NIOSSLError: "TLS failed: \(error)"
        default: "\(error)"
        }
    }
}
