import AWSProtocols
import Engine
import JSONCore
import Services
import StatesInterpreter
import StatesLanguage

/// A function called by a Task state: by its ARN as `Resource`, or through `lambda:invoke`.
struct FunctionTask {
    let operations: TaskOperations
    let arn: String

    /// A function's ARN as `Resource`: the effective input is the event, the function's answer the result.
    func perform(_ call: EffectCall) async -> EffectOutcome {
        let parameters: JSONValue = ["FunctionName": .text(arn), "Payload": call.request.parameters.value]
        do throws(TaskOperations.Failure) {
            let output = try await operations.call(service: "lambda", operation: "Invoke", parameters: parameters)
            if output["FunctionError"] != nil { return .failed(failure(output["Payload"])) }
            return .succeeded(JSONDocument(output["Payload"] ?? .null))
        } catch {
            return .failed(failure(error, service: "AWSLambda"))
        }
    }

    /// `lambda:invoke`: parameters as the API has them, the result with status and metadata.
    func performIntegration(_ call: EffectCall, _ service: IntegratedService) async -> EffectOutcome {
        let waits = call.request.taskToken != nil && call.request.resource.isCallback
        do throws(TaskOperations.Failure) {
            let output = try await operations.call(
                service: "lambda", operation: "Invoke", parameters: call.request.parameters.value)
            if output["FunctionError"] != nil { return .failed(failure(output["Payload"])) }
            guard case .object(var result) = output else { return .succeeded(JSONDocument(output)) }
            if result["ExecutedVersion"] == nil { result["ExecutedVersion"] = "$LATEST" }
            SDKMetadata.add(to: &result, requestID: operations.context.requestID, contentType: "application/json")
            return waits ? .submitted(JSONDocument(.object(result))) : .succeeded(JSONDocument(.object(result)))
        } catch {
            return .failed(
                TaskFailure(
                    kind: waits ? .submitFailed : .failed, error: service.errorName(error.error),
                    cause: service.cause(error.error, status: error.status, requestID: operations.context.requestID)))
        }
    }

    /// A function's own error: its type is the error's name, the whole error object the cause.
    private func failure(_ payload: JSONValue?) -> TaskFailure {
        TaskFailure(
            error: payload?["errorType"]?.text ?? "Lambda.Unknown", cause: payload.map(JSONWriter.text) ?? "")
    }

    private func failure(_ failure: TaskOperations.Failure, service: String) -> TaskFailure {
        let error = failure.error
        let name = error.code.hasSuffix("Exception") ? error.code : error.code + "Exception"
        return TaskFailure(
            error: "Lambda.\(name)",
            cause: "\(error.message) (Service: \(service); Status Code: \(failure.status); Error Code: \(error.code); Request ID: \(operations.context.requestID); Proxy: null)")
    }
}

extension TaskResource {
    /// Whether the task goes on until its token comes back.
    fileprivate var isCallback: Bool {
        if case .service(let integration) = self { integration.pattern == .waitForTaskToken } else { false }
    }
}
