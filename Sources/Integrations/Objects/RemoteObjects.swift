package import APIModels
import AWSProtocols
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import RequestSigning
import ServiceLifecycle
package import Services
package import TimeSource

/// S3's operations by a real S3: each request is signed anew, sent there, and its answer handed on. Bodies are streamed both ways.
///
/// Clients see one API, whether their objects lie here or there; who they are is checked here, and what they may do there by the one
/// access key of the configuration.
package final class RemoteObjects: Service {
    /// What an S3 answered: members, and an object's bytes.
    typealias Answer = (output: APIStructure, body: StreamedOutputBody?)

    /// Documents and lists are read whole, up to so many bytes.
    private static let documentLimit = 16 << 20

    private let configuration: RemoteObjectsConfiguration
    private let codec: WireCodec
    private let signer: RequestSigner
    private let clock: any ClockSource
    private let client: HTTPClient

    /// The S3 of a configuration.
    package init(configuration: RemoteObjectsConfiguration, catalogue: ModelCatalogue, clock: any ClockSource) {
        guard let model = catalogue.model("s3") else { preconditionFailure("the model of S3 is in the binary") }
        self.configuration = configuration
        self.clock = clock
        codec = WireCodec(model: model, wireProtocol: .restXML)
        signer = RequestSigner(credentials: configuration.credentials, region: configuration.region, service: "s3")
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .disallow
        settings.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(10), read: .seconds(120), write: .seconds(120))
        settings.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: settings)
    }

    /// Keeps the connections until the server ends.
    package func run() async throws {
        try? await gracefulShutdown()
        try await client.shutdown()
    }

    /// Adds all operations of which the model knows the shapes.
    package func register(in registry: inout OperationRegistry) {
        for operation in codec.model.operations.values.sorted(by: { $0.name < $1.name }) where !operation.isShapeless {
            registry.register(service: "s3", operation: operation.name) { [self] context, input in
                var members = input
                members["Body"] = nil
                let bytes = RemoteObjects.isStreamed(operation) ? input.blob("Body") ?? [] : []
                let answer = try await call(operation, members, BufferedInputBody(bytes), account: context.account)
                guard let body = answer.body else { return answer.output }
                var output = answer.output
                output["Body"] = .blob(try await RemoteObjects.collected(body))
                return output
            }
            guard RemoteObjects.isStreamed(operation) || codec.answersWithBlob(operation) else { continue }
            registry.registerStreamed(service: "s3", operation: operation.name) { [self] context, input, body in
                let answer = try await call(operation, input, body, account: context.account)
                return StreamedOutput(answer.output, body: answer.body)
            }
        }
    }

    /// Makes a call.
    /// - Throws: `APIError` as the S3 told it, or that it cannot be reached.
    func call(_ operation: OperationModel, _ input: APIStructure, _ body: any StreamedInputBody, account: String) async throws -> Answer {
        var members = input
        // Accounts here are not those there.
        for name in ["ExpectedBucketOwner", "ExpectedSourceBucketOwner"] {
            if let owner = members.string(name), owner != account { throw APIError("AccessDenied", "Access Denied", httpStatus: 403) }
            members[name] = nil
        }
        members["ContentLength"] = nil
        // Buckets are made where the store is, whatever region the client thinks it is in.
        if operation.name == "CreateBucket", configuration.region != "us-east-1" {
            members["CreateBucketConfiguration"] = ["LocationConstraint": .string(configuration.region)]
        }
        var request = codec.objectRequest(operation, members)
        let content: any StreamedInputBody
        if RemoteObjects.isStreamed(operation) {
            content = body
        } else {
            // The document is written anew, so what the client said of its bytes does not hold for these.
            request.headers.removeAll { ["content-md5", "x-amz-sdk-checksum-algorithm"].contains($0.name) }
            if !request.body.isEmpty { request.headers.append(("content-md5", PayloadDigest.contentMD5(of: request.body))) }
            content = BufferedInputBody(request.body)
        }
        let outgoing = try await RemoteUpload.prepare(
            request, content, signer: signer, endpoint: configuration.endpoint, now: clock.now)
        return try await answer(to: outgoing, operation)
    }

    /// The operation of this name.
    func operation(_ name: String) -> OperationModel {
        guard let operation = codec.model.operations[name] else { preconditionFailure("S3 has the operation \(name)") }
        return operation
    }

    private func answer(to upload: RemoteUpload, _ operation: OperationModel) async throws -> Answer {
        let response: HTTPClientResponse
        do {
            response = try await client.execute(upload.request, deadline: .distantFuture)
        } catch {
            // A body that was not what its request said is the client's mistake, not the network's.
            if let failure = upload.failure { throw failure }
            if error is CancellationError { throw error }
            throw APIError(
                "ServiceUnavailable", "The object store at \(configuration.endpoint) cannot be reached.", httpStatus: 503,
                retryAfterSeconds: 1)
        }
        if let failure = upload.failure { throw failure }
        var wire = WireResponse(
            status: Int(response.status.code), headers: response.headers.map { (name: $0.name, value: $0.value) })
        let length = wire.header("content-length").flatMap { Int64($0) }
        if codec.answersWithBlob(operation), (200..<300).contains(wire.status), let length {
            return (try codec.objectOutput(operation, wire), RemoteObjects.stream(response.body, length: length))
        }
        if operation.method != "HEAD" {
            let buffer = try await response.body.collect(upTo: RemoteObjects.documentLimit)
            wire.body = Array(buffer.readableBytesView)
        }
        return (try codec.objectOutput(operation, wire), nil)
    }

    private static func stream(_ body: HTTPClientResponse.Body, length: Int64) -> StreamedOutputBody {
        StreamedOutputBody(length: length) { sink in
            for try await buffer in body { try await sink(Array(buffer.readableBytesView)) }
        }
    }

    private static func collected(_ body: StreamedOutputBody) async throws -> [UInt8] {
        guard body.length <= documentLimit else {
            throw APIError("InvalidRequest", "The object is too large to be taken as one value.", httpStatus: 400)
        }
        let bytes = SmallBytes()
        try await body.write { piece in bytes.append(piece) }
        return bytes.all
    }

    private static func isStreamed(_ operation: OperationModel) -> Bool {
        operation.name == "PutObject" || operation.name == "UploadPart"
    }
}
