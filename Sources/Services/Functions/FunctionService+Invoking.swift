import AWSProtocols
import ByteCoding
import Engine
import FunctionRuntimes
import JSONCore
import StatesInterpreter
import Store

extension FunctionService {
    /// Bytes of an event (AWS Lambda Developer Guide, "Lambda quotas").
    private static let synchronousLimit = 6_291_456
    private static let asynchronousLimit = 1_048_576
    private static let clientContextLimit = 3_583

    /// Invoke. The function sees the request's id as its own.
    @Sendable func invoke(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let reference = try reference(input, context)
        let type = input.string("InvocationType") ?? "RequestResponse"
        let payload = try checked(input.blob("Payload") ?? [], type)
        guard let version = reference.version,
            let specification = dependencies.directory.specification(reference.name, account: reference.account, version: version)
        else {
            // Invoke, unlike the other operations, names the version that it looked for.
            throw LambdaError.functionNotFound(reference.qualifier == nil ? reference.arn + ":$LATEST" : reference.arn)
        }
        switch type {
        case "DryRun": return ["StatusCode": 204]
        case "Event":
            try await enqueue(reference, payload, context)
            return ["StatusCode": 202]
        default:
            let result = await dependencies.runner.invoke(
                specification,
                FunctionInvocation(
                    requestID: context.requestID, payload: payload, invokedARN: reference.arn,
                    clientContext: try clientContext(input.string("ClientContext"))))
            return try answer(result, version: specification.version, showsLog: input.string("LogType") == "Tail")
        }
    }

    /// The old name of an invocation of type Event.
    @Sendable func invokeAsync(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let reference = try reference(input, context)
        let payload = try checked(input.blob("InvokeArgs") ?? [], "Event")
        guard dependencies.directory.specification(reference.name, account: reference.account, version: 0) != nil else {
            throw LambdaError.functionNotFound(reference.arn)
        }
        try await enqueue(reference, payload, context)
        return ["Status": 202]
    }

    /// Makes an event durable: it is run when this returns, or later, also after a crash, under the request's id.
    private func enqueue(_ reference: FunctionReference, _ payload: [UInt8], _ context: RequestContext) async throws {
        let now = dependencies.clock.now
        let delivery = DeliveryRecord(
            id: context.requestID, account: reference.account, kind: FunctionDelivery.kind, createdAt: now.engine,
            body: FunctionDelivery(functionARN: reference.arn, payload: payload).encoded)
        var batch = [DeliveryStore.add(delivery)]
        if let key = context.dedupeKey {
            if try await wasEnqueued(key) { return }
            batch.append(InboxStore.record(key, result: Array(delivery.id.utf8), at: now.wall))
        }
        guard try await commit(batch) else {
            if let key = context.dedupeKey, try await wasEnqueued(key) { return }
            throw StoreError(.conflict).apiError
        }
        dependencies.deliveries.offer([delivery])
    }

    private func wasEnqueued(_ key: String) async throws -> Bool {
        try await database.read { try InboxStore.result(of: key, in: $0) != nil }
    }

    /// The event as the function gets it; none is an empty object.
    private func checked(_ payload: [UInt8], _ type: String) throws(APIError) -> [UInt8] {
        let limit = type == "Event" ? FunctionService.asynchronousLimit : FunctionService.synchronousLimit
        guard payload.count <= limit else { throw LambdaError.payloadTooLarge(payload.count, type, limit: limit) }
        guard !payload.isEmpty else { return Array("{}".utf8) }
        do throws(JSONParseError) {
            _ = try JSONParser.parse(payload)
            return payload
        } catch {
            let position = error.position(in: payload)
            throw LambdaError.invalidContent(
                "Could not parse request body into json: Could not parse payload into json: \(error.reason.rawValue) at [line: \(position.line), column: \(position.column)]"
            )
        }
    }

    private func clientContext(_ text: String?) throws(APIError) -> String? {
        guard let text else { return nil }
        guard text.utf8.count <= FunctionService.clientContextLimit, let bytes = Base64.decode(text.utf8),
            (try? JSONParser.parse(bytes))?.object != nil
        else { throw LambdaError.invalidContent("Client context must be a valid Base64-encoded JSON object.") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func answer(_ result: InvocationResult, version: String, showsLog: Bool) throws(APIError) -> APIStructure {
        switch result.outcome {
        case .throttled(let reason): throw LambdaError.throttled(reason.rawValue)
        case .unavailable(let message): throw LambdaError.service(message)
        case .success, .functionError, .timedOut, .runtimeExited, .initError: break
        }
        return [
            "StatusCode": 200, "ExecutedVersion": .string(version), "FunctionError": .optional(result.outcome.functionError?.rawValue),
            "LogResult": showsLog ? .string(Base64.text(result.logTail)) : .null, "Payload": .blob(result.outcome.payload ?? []),
        ]
    }
}
