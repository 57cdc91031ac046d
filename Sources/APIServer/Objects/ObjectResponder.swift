import APIModels
import AWSProtocols
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import RequestSigning
import Services
import TimeSource

/// Answers requests of S3: what is addressed, who asks, which operation, then the body, streamed where the operation streams it.
struct ObjectResponder: Sendable {
    /// Who makes a request, and what proves its body.
    private struct Caller {
        let account: String
        let principal: Services.Principal
        let payload: ObjectPayload
        let signatures: ChunkSignatures?
    }

    private static let skew: Duration = .seconds(900)

    private let configuration: APIServerConfiguration
    private let dependencies: APIServerDependencies
    private let verifier: SignatureVerifier
    private let model: ServiceModel
    private let hosts: ObjectHosts
    private let underway: BodyBudget

    /// A responder of this configuration and these parts; nil when the catalogue has no model of S3.
    init?(
        configuration: APIServerConfiguration, dependencies: APIServerDependencies, verifier: SignatureVerifier, underway: BodyBudget
    ) {
        guard let model = dependencies.catalogue.model("s3") else { return nil }
        self.configuration = configuration
        self.dependencies = dependencies
        self.verifier = verifier
        self.model = model
        self.underway = underway
        hosts = ObjectHosts(configured: configuration.objectHosts, region: configuration.region)
    }

    /// Whether an unsigned request that is nobody else's looks like one of S3: it names a bucket.
    func looksLikeObjects(_ head: WireRequest) -> Bool {
        guard let address = ObjectAddress(head, hosts: hosts), let bucket = address.bucket else { return false }
        return ObjectAddress.isBucketName(bucket)
    }

    /// The answer to a request; every failure becomes one.
    /// - Parameter claim: how the request is signed; nil when it is not.
    func respond(
        to head: WireRequest, claim: ObjectClaim?, _ body: IncomingBody, on channel: any Channel, requestID: String
    ) async -> Response {
        var log = RequestLog(
            logger: dependencies.logger, requestID: requestID, head: head, startedAt: dependencies.clock.monotonic)
        log.service = model.name
        var operation: OperationModel?
        do {
            return try await withTaskExecutorPreference(globalConcurrentExecutor) {
                try await answer(
                    head, claim, body, on: channel, requestID: requestID, operation: &operation, log: &log)
            }
        } catch let error as APIError {
            return refusal(error, of: operation, head, requestID: requestID, &log)
        } catch {
            log.fail(unexpected: error, at: dependencies.clock.monotonic)
            let failure = APIError.internalFailure("We encountered an internal error. Please try again.")
            return refusal(failure, of: operation, head, requestID: requestID)
        }
    }

    private func refusal(
        _ error: APIError, of operation: OperationModel?, _ head: WireRequest, requestID: String, _ log: inout RequestLog
    ) -> Response {
        let response = refusal(error, of: operation, head, requestID: requestID)
        if response.status.code != 304 { log.fail(error, status: response.status.code, at: dependencies.clock.monotonic) }
        return response
    }

    private func refusal(_ error: APIError, of operation: OperationModel?, _ head: WireRequest, requestID: String) -> Response {
        WireCodec(model: model, wireProtocol: .restXML).encode(
            error, of: operation, resource: PercentEncoding.decode(head.path) ?? head.path, isHead: head.method == "HEAD",
            requestID: requestID
        ).response
    }

    private func answer(
        _ head: WireRequest, _ claim: ObjectClaim?, _ body: IncomingBody, on channel: any Channel, requestID: String,
        operation: inout OperationModel?, log: inout RequestLog
    ) async throws -> Response {
        guard let address = ObjectAddress(head, hosts: hosts), let query = FormDecoder.pairs(head.query) else {
            throw APIError("InvalidURI", "Couldn't parse the specified URI.", httpStatus: 400)
        }
        let caller = try await caller(head, claim, address)
        let name = model.objectRoutes.match(method: head.method, address.subject, query: query) { head.header($0) != nil }
        guard let name else {
            throw APIError(
                "MethodNotAllowed", "The specified method is not allowed against this resource.",
                fields: ["Method": .string(head.method), "ResourceType": .string("\(address.subject)".uppercased())], httpStatus: 405)
        }
        log.operation = name
        operation = model.operations[name]
        let call = try OperationCall(
            name, labels: address.labels, model: model, wireProtocol: .restXML, registry: dependencies.registry)
        let context = context(head, caller, requestID: requestID)
        if let handler = call.entry.streamed {
            return try await stream(head, caller, body, call, handler, context, on: channel)
        }
        let content = try self.body(body, caller, call)
        let limit = call.entry.options.bodyLimit ?? model.behaviour.bodyLimit
        guard content.length <= limit else {
            throw APIError("MaxMessageLengthExceeded", "Your request was too large.", httpStatus: 400)
        }
        let reserved = Int(content.length)
        guard underway.take(reserved) else {
            throw APIError("SlowDown", "Please reduce your request rate.", httpStatus: 503, retryAfterSeconds: 1)
        }
        defer { underway.giveBack(reserved) }
        var complete = head
        complete.body = try await content.collect()
        try ObjectResponder.checkDigest(of: complete)
        return call.response(try await call.entry.handler(context, try call.input(of: complete)), context).response
    }

    private func stream(
        _ head: WireRequest, _ caller: Caller, _ body: IncomingBody, _ call: OperationCall,
        _ handler: StreamedOperationHandler, _ context: Services.RequestContext, on channel: any Channel
    ) async throws -> Response {
        let content = try self.body(body, caller, call)
        let (answer, stream) = try await call.stream(head, content, handler, context)
        guard let stream else { return answer.response }
        let headers = answer.headers.filter { $0.name.lowercased() != "content-length" }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: HTTPFields(headers),
            body: ObjectSink.body(
                stream, channel: channel, timeout: .seconds(configuration.idleTimeout.components.seconds)))
    }

    /// Compares a document with its `Content-MD5`; those of objects are compared by who stores them.
    private static func checkDigest(of request: WireRequest) throws(APIError) {
        guard let declared = request.header("content-md5") else { return }
        guard declared.utf8.count == 24, declared.hasSuffix("==") else {
            throw APIError(
                "InvalidDigest", "The Content-MD5 you specified was invalid.", fields: ["Content-MD5": .string(declared)],
                httpStatus: 400)
        }
        let computed = PayloadDigest.contentMD5(of: request.body)
        guard computed == declared else {
            throw APIError(
                "BadDigest", "The Content-MD5 you specified did not match what we received.",
                fields: ["ExpectedDigest": .string(declared), "CalculatedDigest": .string(computed)], httpStatus: 400)
        }
    }

    /// The request's body without its framing. A request with a body must say how long it is.
    private func body(_ incoming: IncomingBody, _ caller: Caller, _ call: OperationCall) throws(APIError) -> ObjectBody {
        let needsLength = call.entry.streamed != nil && call.operation.method == "PUT"
        guard let length = caller.payload.length ?? (needsLength ? nil : 0) else { throw ObjectPayload.missingLength() }
        return ObjectBody(incoming, payload: caller.payload, length: length, signatures: caller.signatures)
    }
}

// MARK: Who asks

extension ObjectResponder {
    private func caller(_ head: WireRequest, _ claim: ObjectClaim?, _ address: ObjectAddress) async throws -> Caller {
        let signable = SignatureCheck.signable(head)
        var parameters: SignatureParameters?
        do {
            switch claim {
            case nil: throw SignatureError.missingAuthenticationToken
            case .version2Header:
                throw APIError(
                    "InvalidRequest",
                    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.", httpStatus: 400)
            case .presignedVersion2:
                return try await presigned(head, signable, address)
            case .version4:
                let read = try SignatureParameters(signable)
                parameters = read
                return try await signed(head, signable, read)
            }
        } catch let error as SignatureError {
            var refusal = APIError(
                objects: error, parameters, isQuery: head.header("authorization") == nil, region: configuration.region,
                now: dependencies.clock.now)
            if case .presignedVersion2 = claim { refusal.tellPresignedV2(head.query, error) }
            throw refusal
        }
    }

    private func signed(
        _ head: WireRequest, _ signable: SignableRequest, _ parameters: SignatureParameters
    ) async throws -> Caller {
        let isPresigned = if case .query = parameters.form { true } else { false }
        let payload = try ObjectPayload(head, isPresigned: isPresigned)
        let checked = try verifier.check(
            signable, parameters: parameters, rules: .objects(region: configuration.region, skew: ObjectResponder.skew),
            now: dependencies.clock.now)
        let principal = try checked.verifyHead()
        var signatures: ChunkSignatures?
        if case .chunks(areSigned: true, _) = payload.proof { signatures = checked.chunkSignatures }
        return caller(principal, checked.credential, payload, signatures)
    }

    private func presigned(_ head: WireRequest, _ signable: SignableRequest, _ address: ObjectAddress) async throws -> Caller {
        guard let presigned = PresignedV2(signable) else {
            throw APIError(
                "AccessDenied", "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
                httpStatus: 403)
        }
        let payload = try ObjectPayload(head, isPresigned: true)
        // Its chunks' signatures would need a key of Version 4 to begin with.
        if case .chunks(areSigned: true, _) = payload.proof {
            throw SignatureError.unsupportedPayload("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
        }
        let credential = try verifier.verify(
            presigned, bucket: address.isVirtualHosted ? address.bucket : nil, now: dependencies.clock.now)
        return caller(credential.principal, credential, payload, nil)
    }

    private func caller(
        _ principal: RequestSigning.Principal, _ credential: AccessCredential, _ payload: ObjectPayload, _ signatures: ChunkSignatures?
    ) -> Caller {
        Caller(
            account: principal.accountID,
            principal: Services.Principal(
                accessKeyID: credential.accessKeyID, arn: principal.arn, name: RequestResponder.name(principal.arn)),
            payload: payload, signatures: signatures)
    }

    private func context(_ head: WireRequest, _ caller: Caller, requestID: String) -> Services.RequestContext {
        let scheme = configuration.tls == nil ? "http" : "https"
        let host = head.header("host").map(hosts.endpoint) ?? "\(configuration.host):\(configuration.port)"
        return Services.RequestContext(
            requestID: requestID, account: caller.account, region: configuration.region, principal: caller.principal,
            receivedAt: dependencies.clock.now, endpoint: "\(scheme)://\(host)", logger: dependencies.logger)
    }
}
