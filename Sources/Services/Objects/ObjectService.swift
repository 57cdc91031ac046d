import AWSProtocols
import Crypto
import Engine
package import ObjectStorage
import Store

/// Amazon S3: buckets and objects (Amazon S3 API Reference).
///
/// Buckets have no versions: an object is replaced by the next of its key. Bodies of objects are streamed; the plain handlers of the same
/// operations are for calls made inside the server, whose bodies are small.
package final class ObjectService: Sendable {
    /// How large one upload may be: 5 GiB (S3 User Guide, "Uploading objects").
    static let putLimit: Int64 = 5 << 30
    /// How large an object may be that is handed over as one value inside of the server.
    static let blobLimit: Int64 = 64 << 20

    /// Buckets and objects.
    let repository: ObjectRepository
    /// Who may be told of changes.
    let destinations: ObjectNotificationDestinations

    /// A service over a repository; notifications go to `destinations`.
    package init(repository: ObjectRepository, destinations: ObjectNotificationDestinations) {
        self.repository = repository
        self.destinations = destinations
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        registerBuckets(in: &registry)
        registerObjects(in: &registry)
        registerUploads(in: &registry)
        registerSettings(in: &registry)
    }

    /// Adds an operation whose errors are said in S3's words.
    func add(
        _ operation: String, in registry: inout OperationRegistry, skipping constraints: Set<String> = [], partial: String? = nil,
        _ handler: @escaping OperationHandler
    ) {
        let options = OperationOptions(skipModelConstraints: constraints, partial: partial)
        registry.register(service: "s3", operation: operation, options: options) { context, input in
            try ObjectService.checkOwner(input, context)
            do {
                return try await handler(context, input)
            } catch {
                throw S3Error.translated(error)
            }
        }
    }

    /// Adds an operation whose bodies are streamed; inside the server it takes and gives them as blobs named `Body`.
    func addStreamed(
        _ operation: String, in registry: inout OperationRegistry, partial: String? = nil, _ handler: @escaping StreamedOperationHandler
    ) {
        add(operation, in: &registry, partial: partial) { context, input in
            var members = input
            members["Body"] = nil
            let answer = try await handler(context, members, BufferedInputBody(input.blob("Body") ?? []))
            var output = answer.output
            if let body = answer.body { output["Body"] = .blob(try await ObjectService.blob(body)) }
            return output
        }
        registry.registerStreamed(service: "s3", operation: operation) { context, input, body in
            try ObjectService.checkOwner(input, context)
            do {
                return try await handler(context, input, body)
            } catch {
                throw S3Error.translated(error)
            }
        }
    }

    private static func blob(_ body: StreamedOutputBody) async throws -> [UInt8] {
        guard body.length <= blobLimit else {
            throw S3Error.invalidRequest("The object is larger than \(blobLimit) bytes, which a state machine cannot take.")
        }
        let collected = CollectedBytes(capacity: Int(body.length))
        try await body.write { collected.append($0) }
        return collected.bytes
    }

    /// The members that say whose the buckets are that the client expects.
    private static func checkOwner(_ input: APIStructure, _ context: RequestContext) throws(APIError) {
        for name in ["ExpectedBucketOwner", "ExpectedSourceBucketOwner"] {
            if let owner = input.string(name), owner != context.account { throw S3Error.accessDenied() }
        }
    }

    // MARK: Parts of requests

    /// The key of a request, of at most 1,024 bytes.
    static func key(_ input: APIStructure) throws(APIError) -> ObjectKey {
        let key = ObjectKey(try input.requiredString("Key"))
        guard key.bytes.count <= ObjectKey.limit else {
            throw APIError(
                "KeyTooLongError", "Your key is too long",
                fields: ["Size": .integer(Int64(key.bytes.count)), "MaxSizeAllowed": .integer(Int64(ObjectKey.limit))], httpStatus: 400)
        }
        return key
    }

    /// Buckets without versions have one version, `null`.
    static func checkVersion(_ input: APIStructure) throws(APIError) {
        guard let version = input.string("VersionId"), version != "null", !version.isEmpty else { return }
        throw S3Error.invalidVersion(version)
    }

    /// Who asks, for the news of a change.
    static func requester(_ context: RequestContext) -> ObjectRequester {
        ObjectRequester(requestID: context.requestID, principal: context.principal.arn, region: context.region)
    }

    /// A number that says how many entries to list: 1,000 at most, and without it.
    static func limit(_ input: APIStructure, _ member: String, wireName: String) throws(APIError) -> Int {
        guard let number = input.integer(member) else { return 1000 }
        guard (0...Int64(Int32.max)).contains(number) else {
            throw S3Error.invalidArgument(
                wireName, String(number), "Argument \(wireName) must be an integer between 0 and 2147483647")
        }
        return Int(min(number, 1000))
    }

    /// The owner of everything in an account. The id is S3's canonical one: 64 digits that say nothing but who it is.
    static func owner(_ account: String) -> APIValue {
        .structure(["ID": .string(HexText.text(SHA256.hash(data: Array("owner of \(account)".utf8))))])
    }
}
