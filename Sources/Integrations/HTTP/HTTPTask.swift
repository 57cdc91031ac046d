import AWSProtocols
import Engine
import JSONCore
import Logging
import Services
import StatesInterpreter

/// Performs `http:invoke`: one HTTP request through a connection.
struct HTTPTask {
    let invoker: HTTPInvoker
    let logger: Logger

    func perform(_ call: EffectCall) async -> EffectOutcome {
        do {
            var request = try HTTPTaskRequest(call.request.parameters.value)
            if let refusal = HTTPEndpoint.refusal(of: request.endpoint) { throw HTTPTaskRequest.Fault(reason: refusal) }
            let connection = try await invoker.connections.open(request.connectionARN, account: call.account)
            let open = request
            try request.merge(connection.parameters)
            return try await send(request, connection, call, open: open)
        } catch let fault as HTTPTaskRequest.Fault {
            return failed("States.Runtime", fault.reason)
        } catch let fault as HTTPTokens.Fault {
            return failed("Events.ConnectionResource.InvalidConnectionState", fault.reason)
        } catch ConnectionVault.Fault.notFound {
            return failed("Events.ConnectionResource.ResourceNotFound", "The connection does not exist.")
        } catch ConnectionVault.Fault.notAuthorized(let state) {
            return failed("Events.ConnectionResource.InvalidConnectionState", "The connection is in the state \(state).")
        } catch let failure as HTTPInvoker.Failure {
            return failed(failure.error, failure.cause)
        } catch {
            logger.error("an HTTP task failed", metadata: ["error": "\(error)"])
            return failed("States.Runtime", "The connection could not be read.")
        }
    }

    /// Sends a request; `open` is what of it is no secret of the connection.
    private func send(
        _ request: HTTPTaskRequest, _ connection: ConnectionVault.Opened, _ call: EffectCall, open: HTTPTaskRequest
    ) async throws -> EffectOutcome {
        let region = call.region
        var sent = try await authorized(request, connection, region: region)
        var answer = try await invoker.send(try sent.message())
        if connection.parameters.type == .oauth, answer.status == 401 || answer.status == 407 {
            // The token may have been withdrawn before its time: it was refused, so nothing happened yet.
            invoker.tokens.forget(connection.key)
            sent = try await authorized(request, connection, region: region)
            answer = try await invoker.send(try sent.message())
        }
        if let trace = call.trace {
            let shown = trace.revealsSecrets ? sent : try completed(open, region: region)
            trace.record(try shown.traced(), answer.traced(scheme: shown.scheme))
        }
        let result = answer.result
        guard (200..<300).contains(answer.status) else {
            return failed("States.Http.StatusCode.\(answer.status)", JSONWriter.text(of: result))
        }
        return .succeeded(JSONDocument(result))
    }

    /// The request with the connection's authorization.
    private func authorized(
        _ request: HTTPTaskRequest, _ connection: ConnectionVault.Opened, region: String
    ) async throws -> HTTPTaskRequest {
        var request = request
        try await invoker.authorize(&request, by: connection)
        return try completed(request, region: region)
    }

    /// The request with the headers that every HTTP task sends.
    private func completed(_ request: HTTPTaskRequest, region: String) throws -> HTTPTaskRequest {
        var request = request
        request.setHeader("User-Agent", "Amazon|StepFunctions|HttpInvoke|\(region)")
        request.setHeader("Range", "bytes=0-\(HTTPInvoker.answerLimit)")
        if let content = try request.content(), !request.hasHeader("Content-Type") {
            request.setHeader("Content-Type", content.type)
        }
        return request
    }

    private func failed(_ error: String, _ cause: String) -> EffectOutcome {
        .failed(TaskFailure(error: error, cause: cause))
    }
}

extension HTTPTaskRequest {
    /// The part of the address before the colon.
    fileprivate var scheme: String { String(endpoint.prefix { $0 != ":" }).lowercased() }

    /// The request as a test of the task shows it.
    fileprivate func traced() throws -> HTTPTrace.Message {
        HTTPTrace.Message(
            scheme: scheme, start: (method, url), headers: headers.map { ($0.name, $0.value) },
            body: try content().map { String(decoding: $0.bytes, as: UTF8.self) })
    }
}

extension HTTPInvoker.Answer {
    /// The answer as a test of the task shows it.
    fileprivate func traced(scheme: String) -> HTTPTrace.Message {
        HTTPTrace.Message(
            scheme: scheme, start: ("\(status)", reason), headers: headers, body: String(decoding: body, as: UTF8.self))
    }
}
