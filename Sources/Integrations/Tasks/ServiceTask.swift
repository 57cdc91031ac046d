import AWSProtocols
import Engine
import JSONCore
import Services
import StatesInterpreter
import Store
import StatesLanguage

/// A service integration: `arn:aws:states:::service:action[.pattern]`.
struct ServiceTask {
    let operations: TaskOperations
    let integration: ServiceIntegration

    func perform(_ call: EffectCall) async -> EffectOutcome {
        guard let service = IntegratedService(integration) else {
            return refused("The service '\(integration.service)' is not supported by Nightshift yet.")
        }
        let jobKind = call.request.resource.jobKind
        guard integration.pattern == .requestResponse || integration.pattern == .waitForTaskToken || jobKind != nil else {
            let pattern = integration.pattern.rawValue
            return refused("The pattern '\(pattern)' of \(integration.service):\(integration.action) is not supported.")
        }
        guard operations.exists(service: service.service, operation: service.operation) else {
            return refused("\(integration.service):\(integration.action) is not supported by Nightshift yet.")
        }
        if service.service == "lambda", service.operation == "Invoke", !service.isSDK {
            return await FunctionTask(operations: operations, arn: integration.arn).performIntegration(call, service)
        }
        do throws(TaskOperations.Failure) {
            let parameters = parameters(of: call, service)
            let answer =
                service.isRepeatable
                ? try await operations.callUntilAvailable(
                    service: service.service, operation: service.operation, parameters: parameters, timestamps: service.timestamps)
                : try await operations.call(
                    service: service.service, operation: service.operation, parameters: parameters, timestamps: service.timestamps)
            return outcome(answer, service, jobKind.flatMap { TaskJob($0, answer: answer.output) })
        } catch {
            if let refusal = ServiceTask.refusal(error, call) { return refusal }
            return .failed(
                TaskFailure(
                    kind: integration.pattern == .requestResponse ? .failed : .submitFailed, error: service.errorName(error),
                    cause: service.cause(error, requestID: operations.context.requestID)))
        }
    }

    private func outcome(_ answer: TaskOperations.Answer, _ service: IntegratedService, _ job: TaskJob?) -> EffectOutcome {
        var result = answer.result
        if !service.isSDK, case .object(var object) = answer.result {
            operations.metadata(contentType: service.names.contentType).add(to: &object)
            result = .object(object)
        }
        if service.service == "s3", case .object(let object) = answer.result {
            result = .object(ObjectResult.completed(object, operation: service.operation))
        }
        // Step Functions Developer Guide, "Add EventBridge events with Step Functions": entries that failed fail the task.
        if !service.isSDK, service.operation == "PutEvents", (answer.output.integer("FailedEntryCount") ?? 0) > 0 {
            return .failed(TaskFailure(error: "EventBridge.FailedEntry", cause: JSONWriter.text(of: answer.result)))
        }
        let document = JSONDocument(result)
        if let job { return .jobBegun(document, job) }
        return integration.pattern == .requestResponse ? .succeeded(document) : .submitted(document)
    }

    /// The outcome of a call that was not made, as its parameters are none; nil for the service's own errors.
    static func refusal(_ failure: TaskOperations.Failure, _ call: EffectCall) -> EffectOutcome? {
        guard !failure.faults.isEmpty else { return nil }
        let parameters = JSONWriter.text(of: call.request.parameters.value)
        return .failed(
            TaskFailure(
                error: "States.Runtime",
                cause: "The Parameters '\(parameters)' could not be used to start the Task: [\(failure.faults.joined(separator: ", "))]"))
    }

    /// The request, with what AWS adds of its own.
    private func parameters(of call: EffectCall, _ service: IntegratedService) -> JSONValue {
        let parameters = call.request.parameters.value
        guard case .object(let object) = parameters else { return parameters }
        return switch (service.service, service.operation) {
        case ("events", "PutEvents") where !service.isSDK: ServiceTask.withOrigin(object, call)
        case ("s3", "PutObject"): ServiceTask.withDefaults(object)
        default: parameters
        }
    }

    /// An object to be put, as AWS's SDK sends it: as text, with a checksum.
    private static func withDefaults(_ parameters: JSONObject) -> JSONValue {
        var object = parameters
        if object["ContentType"] == nil { object["ContentType"] = "text/plain; charset=UTF-8" }
        if !object.members.contains(where: { $0.key.bytes.starts(with: "Checksum".utf8) }) { object["ChecksumAlgorithm"] = "CRC32" }
        return .object(object)
    }

    /// Events tell which execution they come from.
    private static func withOrigin(_ parameters: JSONObject, _ call: EffectCall) -> JSONValue {
        var object = parameters
        guard let entries = object["Entries"]?.array else { return .object(parameters) }
        let origin: [JSONValue] = [.text(ServiceTask.machine(of: call.executionARN)), .text(call.executionARN)]
        object["Entries"] = .array(
            entries.map { entry in
                guard case .object(var members) = entry else { return entry }
                members["Resources"] = .array((members["Resources"]?.array ?? []) + origin)
                return .object(members)
            })
        return .object(object)
    }

    /// The state machine's ARN in an execution's.
    private static func machine(of executionARN: String) -> String {
        var parts = executionARN.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 7 else { return executionARN }
        parts[5] = "stateMachine"
        return parts[..<7].joined(separator: ":")
    }

    private func refused(_ cause: String) -> EffectOutcome {
        .failed(TaskFailure(error: "States.Runtime", cause: cause))
    }
}

extension TaskJob {
    /// The job that an answer tells of; nil when it tells of none.
    fileprivate init?(_ kind: TaskJobRecord.Kind, answer: APIStructure) {
        let reference: String? =
            switch kind {
            case .execution: answer.string("executionArn")
            case .command: answer.structure("Command")?.string("CommandId")
            }
        guard let reference else { return nil }
        self.init(kind, reference)
    }
}

extension IntegratedService {
    /// How instants are written in results: the optimised integrations show milliseconds since 1970, the others text.
    fileprivate var timestamps: SDKShapes.Timestamps { isSDK ? .text : .milliseconds }
}
