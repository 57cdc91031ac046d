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

    /// What a request comes to that came on this connection; every failure becomes an answer.
    func reply(to request: Request, on channel: any Channel) async -> Reply {
        let requestID = dependencies.identifiers.uuid()
        switch kind(of: request) {
        case .operation(let head): return await reply(received(request, head, on: channel, requestID: requestID))
        case .object(let objects, let head, let claim):
            return .response(await answerObjects(objects, request, head, claim, on: channel, requestID: requestID))
        case .health(let head): return .response(await health(head, requestID: requestID))
        case .unsigned(let routes, let head):
            let response = await withTaskExecutorPreference(globalConcurrentExecutor) {
                await answerUnsigned(request, head, routes, channel, requestID: requestID)
            }
            return .response(response)
        }
    }

    /// What a request is for.
    private enum Kind {
        case operation(WireRequest)
        case object(ObjectResponder, WireRequest, ObjectClaim?)
        case health(WireRequest)
        case unsigned([UnsignedRoute], WireRequest)
    }

    private func kind(of request: Request) -> Kind {
        let head = WireRequest(head: request.head)
        // Before all routes: a bucket may have any of their names.
        if let objects, let claim = ObjectClaim(head) { return .object(objects, head, claim) }
        if head.path == "/health" { return .health(head) }
        let routes = dependencies.unsignedRoutes.filter { $0.takes(path: head.path) }
        if !routes.isEmpty { return .unsigned(routes, head) }
        if let objects, isAnonymousObjectRequest(head, objects) { return .object(objects, head, nil) }
        return .operation(head)
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
        guard await body.discardRest(limit: RequestResponder.discardLimit) else { return closing(answer) }
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
    private func received(
        _ request: Request, _ head: WireRequest, on channel: any Channel, requestID: String
    ) -> ReceivedRequest {
        ReceivedRequest(
            head, IncomingBody(request, on: channel), requestID: requestID, router: router,
            log: RequestLog(
                logger: dependencies.logger, requestID: requestID, head: head, startedAt: dependencies.clock.monotonic))
    }

    /// The answer of an AWS operation, whatever goes wrong; or what its answer is waited for with.
    private func reply(_ request: ReceivedRequest) async -> Reply {
        let reply: Reply
        do {
            if staysOnEventLoop(request) {
                reply = try await begin(request)
            } else {
                reply = try await withTaskExecutorPreference(globalConcurrentExecutor) { try await begin(request) }
            }
        } catch {
            reply = .response(request.outcome.failure(error, at: dependencies.clock.monotonic).response)
        }
        guard await request.body.discardRest(limit: RequestResponder.discardLimit) else {
            // A call that waits has read its body.
            guard case .response(let response) = reply else { return reply }
            return .response(closing(response))
        }
        return reply
    }

    private func begin(_ request: ReceivedRequest) async throws -> Reply {
        if request.isUnsigned { return .response(try await answerWithoutSignature(request).response) }
        let call = try await admit(request)
        guard !call.isLongPoll else { return .pending(pending(call, request)) }
        defer { underway.giveBack(call.length) }
        return .response(try await call.answer().response)
    }

    /// A call to be waited for, with what tells its failure, and without the rest of its request.
    private func pending(_ call: AdmittedCall, _ request: ReceivedRequest) -> PendingCall {
        let (outcome, clock, underway) = (request.outcome, dependencies.clock, underway)
        return PendingCall {
            let result = await call.result()
            underway.giveBack(call.length)
            return outcome.response(result, at: clock)
        }
    }

    /// Checks signature, body and input. The length of what it answers is taken from the budget of requests under way.
    private func admit(_ request: ReceivedRequest) async throws -> AdmittedCall {
        guard let model = request.route.model else { throw RequestResponder.refusal(of: request.route) }
        // Scope, time and key come before the operation: AWS tells strangers nothing of what it knows.
        try signatures.check(request, service: model.name)
        let body = try await bodies.read(request.body, limit: bodyLimit(request.route, model))
        return try admit(request, model, body)
    }

    private func admit(_ request: ReceivedRequest, _ model: ServiceModel, _ body: HeldBody) throws -> AdmittedCall {
        guard let checked = request.checked else { throw SignatureError.missingAuthenticationToken }
        let principal = try checked.verify(body: PayloadDigest(of: body.bytes))
        let length = body.bytes.count
        guard underway.take(length) else {
            throw APIError.serviceUnavailable("Too many requests are under way.", retryAfterSeconds: 1)
        }
        do {
            var complete = request.head
            complete.body = body.bytes
            let call = try call(request.route, model, complete)
            request.outcome.log.operation = call.operation.name
            let context = context(
                complete, account: principal.accountID,
                principal: Services.Principal(
                    accessKeyID: checked.credential.accessKeyID, arn: principal.arn, name: RequestResponder.name(principal.arn)),
                requestID: request.outcome.requestID, logger: dependencies.logger)
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
        request.outcome.log.service = model.name
        let call = try? call(route, model, head)
        guard let call, call.entry.options.allowsUnsigned else { throw SignatureError.missingAuthenticationToken }
        request.outcome.log.operation = call.operation.name
        let context = context(
            head, account: "", principal: .anonymous, requestID: request.outcome.requestID, logger: dependencies.logger)
        do {
            return try await AdmittedCall(call, head, context).answer()
        } catch let error as APIError {
            // The route's own error encoder does not know the service, which only the form has told.
            let response = call.codec.encode(error, requestID: request.outcome.requestID)
            request.outcome.log.fail(error, status: response.status, at: dependencies.clock.monotonic)
            return response
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
    private func staysOnEventLoop(_ request: ReceivedRequest) -> Bool {
        guard let model = request.route.model, case .named(let name, _) = request.route.operation,
            let length = request.body.announcedLength, length <= RequestResponder.quickBodyLimit
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
            return StreamedAnswer.response(answer)
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
    private func closing(_ answer: Response) -> Response {
        var answer = answer
        answer.headers[.connection] = "close"
        return answer
    }

    private func methodNotAllowed(_ methods: [String]) -> Response {
        WireResponse(status: 405, headers: [("Allow", methods.joined(separator: ", "))]).response
    }
}
