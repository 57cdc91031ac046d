import APIModels
import AWSProtocols
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import RequestSigning
import ServiceLifecycle
import Services
import TimeSource

/// Answers every request: unsigned routes first, then AWS operations by route, signature, body, handler, in this order.
struct RequestResponder: Sendable {
    private let configuration: APIServerConfiguration
    private let dependencies: APIServerDependencies
    private let router: RequestRouter
    private let signatures: SignatureCheck
    private let bodies: BodyReader
    private let underway: BodyBudget
    private let objects: ObjectResponder?

    /// How much of a body that is not wanted is read for the client's sake, before the connection is closed on it.
    private static let discardLimit = 64 << 20

    /// How large the body of a quick request may be, in bytes: hashing and parsing it takes well under a millisecond.
    private static let quickBodyLimit = 32 << 10

    /// A responder of this configuration and these parts.
    init(configuration: APIServerConfiguration, dependencies: APIServerDependencies) {
        self.configuration = configuration
        self.dependencies = dependencies
        router = RequestRouter(catalogue: dependencies.catalogue)
        let verifier = SignatureVerifier(resolver: dependencies.credentials)
        signatures = SignatureCheck(
            verifier: verifier, clock: dependencies.clock, region: configuration.region, skew: configuration.signatureSkew)
        bodies = BodyReader(budget: BodyBudget(limit: configuration.unverifiedBodyBudget))
        underway = BodyBudget(limit: configuration.bodyBudget)
        objects = ObjectResponder(
            configuration: configuration, dependencies: dependencies, verifier: verifier, underway: underway)
    }

    /// The answer to a request that came on this connection; every failure becomes an answer.
    func respond(to request: Request, on channel: any Channel) async throws -> Response {
        let head = WireRequest(head: request.head)
        let requestID = dependencies.identifiers.uuid()
        // Before all routes: a bucket may have any of their names.
        if let objects, let claim = ObjectClaim(head) {
            return await answerObjects(objects, request, head, claim, on: channel, requestID: requestID)
        }
        if head.path == "/health" { return await health(head, requestID: requestID) }
        let routes = dependencies.unsignedRoutes.filter { $0.takes(path: head.path) }
        if !routes.isEmpty {
            return await withTaskExecutorPreference(globalConcurrentExecutor) {
                await answerUnsigned(request, head, routes, channel, requestID: requestID)
            }
        }
        if let objects, isAnonymousObjectRequest(head, objects) {
            return await answerObjects(objects, request, head, nil, on: channel, requestID: requestID)
        }
        let body = IncomingBody(request, on: channel)
        let answer = await answer(head, body, on: channel, requestID: requestID).response
        guard await body.discardRest(limit: RequestResponder.discardLimit) else {
            return closing(answer, channel)
        }
        return answer
    }
}

// MARK: Objects

extension RequestResponder {
    private func answerObjects(
        _ objects: ObjectResponder, _ request: Request, _ head: WireRequest, _ claim: ObjectClaim?, on channel: any Channel,
        requestID: String
    ) async -> Response {
        let body = IncomingBody(request, on: channel)
        let answer = await objects.respond(to: head, claim: claim, body, on: channel, requestID: requestID)
        guard await body.discardRest(limit: RequestResponder.discardLimit) else { return closing(answer, channel) }
        return answer
    }

    /// Whether an unsigned request is one of S3, to be refused in S3's words. No path that any API has looks so.
    private func isAnonymousObjectRequest(_ head: WireRequest, _ objects: ObjectResponder) -> Bool {
        guard head.header("authorization") == nil, head.header("x-amz-target") == nil, head.path.utf8.count > 1,
            !head.query.contains("X-Amz-"), objects.looksLikeObjects(head)
        else { return false }
        let route = router.route(head, signedService: nil)
        guard route.model == nil, case .unknown = route.operation else { return false }
        let root = firstSegment(head.path)
        return !dependencies.unsignedRoutes.contains { firstSegment($0.pathText) == root }
    }

    private func firstSegment(_ path: String) -> Substring {
        path.dropFirst().prefix { $0 != "/" }
    }
}

// MARK: AWS operations

extension RequestResponder {
    /// The answer of an AWS operation, whatever goes wrong.
    private func answer(
        _ head: WireRequest, _ body: IncomingBody, on channel: any Channel, requestID: String
    ) async -> WireResponse {
        let request = ReceivedRequest(
            head, body, requestID: requestID, router: router,
            log: RequestLog(
                logger: dependencies.logger, requestID: requestID, head: head, startedAt: dependencies.clock.monotonic))
        do {
            if staysOnEventLoop(request.route, body) { return try await answer(request, on: channel) }
            return try await withTaskExecutorPreference(globalConcurrentExecutor) { try await answer(request, on: channel) }
        } catch {
            return failure(error, of: request)
        }
    }

    /// Waits for the answer with next to nothing in hand.
    private func answer(_ request: ReceivedRequest, on channel: any Channel) async throws -> WireResponse {
        if case .failure(.missingAuthenticationToken) = request.signature { return try await answerWithoutSignature(request) }
        let call = try await admit(request)
        defer { underway.giveBack(call.length) }
        guard call.isLongPoll else { return try await call.answer() }
        return try await ConnectionWatch.cancelWhenClosed(channel) { try await call.answer() }
    }

    /// Checks signature, body and input. The length of what it answers is taken from the budget of requests under way.
    private func admit(_ request: ReceivedRequest) async throws -> AdmittedCall {
        let route = request.route
        guard let model = route.model else { throw RequestResponder.refusal(of: route) }
        // Scope, time and key come before the operation: AWS tells strangers nothing of what it knows.
        let checked = try await signatures.check(request.signable, try request.signature.get(), service: model.name)
        var complete = request.head
        let principal = try await bodies.withBody(of: request.body, limit: bodyLimit(route, model)) { body in
            complete.body = body
            return try checked.verify(body: PayloadDigest(of: body))
        }
        let length = complete.body.count
        guard underway.take(length) else {
            throw APIError.serviceUnavailable("Too many requests are under way.", retryAfterSeconds: 1)
        }
        do {
            let call = try call(route, model, complete)
            request.log.operation = call.operation.name
            let context = context(
                request.head, account: principal.accountID,
                principal: Services.Principal(
                    accessKeyID: checked.credential.accessKeyID, arn: principal.arn, name: RequestResponder.name(principal.arn)),
                requestID: request.requestID, logger: dependencies.logger)
            return try AdmittedCall(call, complete, context)
        } catch {
            underway.giveBack(length)
            throw error
        }
    }

    /// Unsigned requests are refused, but for the few operations that say they need no signature.
    private func answerWithoutSignature(_ request: ReceivedRequest) async throws -> WireResponse {
        let (head, route) = (request.head, request.route)
        // A path that is nobody's is not there, with or without a signature.
        if route.model == nil, case .unknown(let error) = route.operation { throw error }
        guard case .inForm = route.operation, head.method == "GET", let fields = FormDecoder.pairs(head.query),
            let model = router.service(ofForm: fields)
        else { throw SignatureError.missingAuthenticationToken }
        request.log.service = model.name
        let call = try? call(route, model, head)
        guard let call, call.entry.options.allowsUnsigned else { throw SignatureError.missingAuthenticationToken }
        request.log.operation = call.operation.name
        let context = context(
            head, account: "", principal: .anonymous, requestID: request.requestID, logger: dependencies.logger)
        do {
            return try await AdmittedCall(call, head, context).answer()
        } catch let error as APIError {
            // The route's own error encoder does not know the service, which only the form has told.
            let response = call.codec.encode(error, requestID: request.requestID)
            request.log.fail(error, status: response.status, at: dependencies.clock.monotonic)
            return response
        }
    }

    /// The answer that tells a failure.
    private func failure(_ error: any Error, of request: ReceivedRequest) -> WireResponse {
        let now = dependencies.clock.monotonic
        switch error {
        case let error as SignatureError:
            let error = APIError(error, request.route.wireProtocol)
            request.log.fail(error, at: now)
            return request.errorEncoder.response(error, requestID: request.requestID)
        case let error as APIError:
            let response = request.errorEncoder.response(error, requestID: request.requestID)
            request.log.fail(error, status: response.status, at: now)
            return response
        default:
            request.log.fail(unexpected: error, at: now)
            return request.errorEncoder.response(.internalFailure(), requestID: request.requestID)
        }
    }

    private func call(_ route: RequestRoute, _ model: ServiceModel, _ request: WireRequest) throws -> OperationCall {
        switch route.operation {
        case .unknown(let error): throw error
        case .named(let name, let labels):
            return try OperationCall(
                name, labels: labels, model: model, wireProtocol: route.wireProtocol, registry: dependencies.registry)
        case .inForm:
            let fields = (FormDecoder.pairs(request.query) ?? []) + (FormDecoder.pairs(request.body) ?? [])
            guard let name = fields.first(where: { $0.0 == "Action" })?.1 else {
                throw APIError("MissingAction", "The request is missing an action or a required parameter.", httpStatus: 400)
            }
            return try OperationCall(
                name, labels: [], model: model, wireProtocol: route.wireProtocol, registry: dependencies.registry)
        }
    }

    /// True for requests that cost so little that another thread would cost more: the other connections of this one's event loop
    /// wait meanwhile.
    private func staysOnEventLoop(_ route: RequestRoute, _ body: IncomingBody) -> Bool {
        guard let model = route.model, case .named(let name, _) = route.operation,
            let length = body.announcedLength, length <= RequestResponder.quickBodyLimit
        else { return false }
        return dependencies.registry.entry(service: model.name, operation: name)?.options.isQuick ?? false
    }

    private func bodyLimit(_ route: RequestRoute, _ model: ServiceModel) -> Int {
        guard case .named(let name, _) = route.operation else { return model.behaviour.bodyLimit }
        return dependencies.registry.entry(service: model.name, operation: name)?.options.bodyLimit
            ?? ServiceBehaviour.bodyLimit(service: model.name, operation: name) ?? model.behaviour.bodyLimit
    }

    private func context(
        _ head: WireRequest, account: String, principal: Services.Principal, requestID: String, logger: Logger
    ) -> Services.RequestContext {
        Services.RequestContext(
            requestID: requestID, account: account, region: configuration.region, principal: principal,
            receivedAt: dependencies.clock.now, endpoint: endpoint(head), logger: logger)
    }

    private func endpoint(_ head: WireRequest) -> String {
        let scheme = configuration.tls == nil ? "http" : "https"
        return "\(scheme)://\(head.header("host") ?? "\(configuration.host):\(configuration.port)")"
    }

    private static func refusal(of route: RequestRoute) -> APIError {
        if case .unknown(let error) = route.operation { return error }
        return .unknownOperation()
    }

    /// The last part of an ARN: the user's or the role session's name.
    static func name(_ arn: String) -> String {
        arn.split(separator: "/").last.map(String.init) ?? arn
    }
}

// MARK: Routes without signature

extension RequestResponder {
    /// `GET /health`: 200 once the server has recovered and serves.
    private func health(_ head: WireRequest, requestID: String) async -> Response {
        guard head.method == "GET" || head.method == "HEAD" else { return methodNotAllowed(["GET", "HEAD"]) }
        let isReady = await dependencies.isReady()
        // A held server serves, so balancers may send requests; it is not whole, so whoever reads the body can tell.
        let body = Array(#"{"status":"\#(isReady ? dependencies.isHeld() ? "held" : "ok" : "starting")"}"#.utf8)
        let response = WireResponse(
            status: isReady ? 200 : 503,
            headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("x-amzn-RequestId", requestID)],
            body: body
        ).response
        return head.method == "HEAD" ? response.createHeadResponse() : response
    }

    private func answerUnsigned(
        _ request: Request, _ head: WireRequest, _ routes: [UnsignedRoute], _ channel: any Channel, requestID: String
    ) async -> Response {
        guard let route = routes.first(where: { $0.method == nil || $0.method == head.method }) else {
            return methodNotAllowed(routes.compactMap(\.method))
        }
        var log = RequestLog(
            logger: dependencies.logger, requestID: requestID, head: head, startedAt: dependencies.clock.monotonic)
        log.operation = head.path
        let encoder = ErrorEncoder(model: nil, wireProtocol: .restJSON)
        do {
            let answer = try await route.handler(
                UnsignedRequest(
                    head: head, body: RequestBodyStream(request.body), remoteAddress: channel.remoteAddress?.ipAddress,
                    endpoint: endpoint(head), requestID: requestID))
            return StreamedAnswer.response(answer, request: request, channel: channel)
        } catch let error as APIError {
            let response = encoder.response(error, requestID: requestID)
            log.fail(error, status: response.status, at: dependencies.clock.monotonic)
            return response.response
        } catch {
            log.fail(unexpected: error, at: dependencies.clock.monotonic)
            return encoder.response(.internalFailure(), requestID: requestID).response
        }
    }

    /// The answer, after which the connection is closed.
    private func closing(_ answer: Response, _ channel: any Channel) -> Response {
        var headers = answer.headers
        headers[.connection] = "close"
        let body = answer.body
        return Response(
            status: answer.status, headers: headers,
            body: ResponseBody(contentLength: body.contentLength) { writer in
                try await body.write(writer)
                channel.close(mode: .all, promise: nil)
            })
    }

    private func methodNotAllowed(_ methods: [String]) -> Response {
        WireResponse(status: 405, headers: [("Allow", methods.joined(separator: ", "))]).response
    }
}
