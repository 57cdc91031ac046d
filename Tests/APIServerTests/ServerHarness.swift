import APIModels
import AWSProtocols
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import RequestSigning
import Services
import TimeSource

@testable import APIServer

/// A server without sockets: some operations, one access key, time that stands still.
struct ServerHarness {
    /// An answer with its whole body.
    struct Answer {
        var status: Int
        var headers: HTTPFields
        var body: String

        /// A header by its name.
        func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
    }

    private struct OneKey: CredentialResolver {
        func credential(accessKeyID: String) throws -> AccessCredential? {
            guard accessKeyID == "AKIAEXAMPLE" else { return nil }
            return AccessCredential(
                accessKeyID: accessKeyID, secretAccessKey: "secret",
                principal: RequestSigning.Principal(accountID: "000000000000", arn: "arn:aws:iam::000000000000:user/admin"))
        }
    }

    private final class Collector: ResponseBodyWriter {
        var bytes: [UInt8] = []
        func write(_ buffer: ByteBuffer) async throws { bytes += Array(buffer.readableBytesView) }
        func finish(_: HTTPFields?) async throws {}
    }

    let clock = ManualClock(now: Timestamp(seconds: 1_800_000_000))
    var registry = OperationRegistry()
    var unsignedRoutes: [UnsignedRoute] = []
    var isReady = true
    var configuration = APIServerConfiguration()

    /// A server with an operation of each protocol.
    init() {
        registry.register(service: "states", operation: "StartExecution") { context, input in
            let machine = try input.requiredString("stateMachineArn")
            guard ARN(machine) != nil else { throw APIError("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: \(machine)'") }
            return [
                "executionArn": .string("\(machine):\(context.account):\(context.principal.name)"),
                "startDate": .timestamp(context.receivedAt.milliseconds),
            ]
        }
        registry.register(service: "states", operation: "ListStateMachines") { _, _ in throw CancellationError() }
        registry.register(service: "sns", operation: "Publish") { _, _ in ["MessageId": "m-1"] }
        registry.register(
            service: "sns", operation: "ConfirmSubscription", options: OperationOptions(allowsUnsigned: true)
        ) { context, input in
            guard input.string("Token") == "good" else { throw APIError("InvalidParameterException", "Invalid token") }
            return ["SubscriptionArn": .string("confirmed by \(context.principal.name)")]
        }
        registry.register(service: "lambda", operation: "Invoke") { _, input in
            ["StatusCode": 200, "Payload": .blob(input.blob("Payload") ?? [])]
        }
    }

    /// Sends a request as it is.
    func send(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) async throws -> Answer {
        let dependencies = APIServerDependencies(
            catalogue: ModelCatalogue(), registry: registry, credentials: OneKey(), clock: clock,
            identifiers: IdentifierSource(clock: clock, random: SeededRandomSource(seed: 1)), unsignedRoutes: unsignedRoutes,
            isReady: { [isReady] in isReady }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let responder = RequestResponder(configuration: configuration, dependencies: dependencies)
        guard let method = HTTPRequest.Method(method) else { throw APIError.internalFailure() }
        var fields = HTTPFields(headers.map { (name: $0.0, value: $0.1) })
        if !body.isEmpty, fields[.contentLength] == nil { fields[.contentLength] = String(body.count) }
        let request = Request(
            head: HTTPRequest(method: method, scheme: "http", authority: "nightshift:7070", path: target, headerFields: fields),
            body: RequestBody(buffer: ByteBuffer(bytes: body)))
        let response =
            switch await responder.reply(to: request, on: NIOAsyncTestingChannel()) {
            case .response(let response): response
            case .pending(let call): await call.response()
            }
        let collector = Collector()
        try await response.body.write(collector)
        return Answer(
            status: Int(response.status.code), headers: response.headers, body: String(decoding: collector.bytes, as: UTF8.self))
    }

    /// Sends a signed request.
    func call(
        _ service: String, _ method: String = "POST", _ target: String = "/", headers: [(String, String)] = [],
        body: String = "", key: String = "AKIAEXAMPLE", secret: String = "secret", region: String = "us-east-1",
        signedBody: String? = nil, signedAfter: Duration = .zero
    ) async throws -> Answer {
        let signer = RequestSigner(
            credentials: RequestSigner.Credentials(accessKeyID: key, secretAccessKey: secret), region: region, service: service)
        let signed = headers.map { SignableRequest.Header($0.0, $0.1) } + [SignableRequest.Header("host", "nightshift:7070")]
        let added = signer.headers(
            signing: SignableRequest(method: method, target: target, headers: signed),
            body: PayloadDigest(of: Array((signedBody ?? body).utf8)), at: clock.now + signedAfter)
        return try await send(
            method, target, headers: headers + added.map { ($0.name, $0.value) }, body: Array(body.utf8))
    }

    /// Sends a signed request of a JSON service.
    func call(target: String, _ body: String, service: String = "states") async throws -> Answer {
        try await call(
            service, headers: [("x-amz-target", target), ("content-type", "application/x-amz-json-1.0")], body: body)
    }
}
