import AWSProtocols
import Engine
import JSONCore
import Services
import StatesInterpreter
import StatesLanguage

/// A service integration: `arn:aws:states:::service:action[.pattern]`.
struct ServiceTask {
    let operations: TaskOperations
    let integration: ServiceIntegration

    func perform(_ call: EffectCall) async -> EffectOutcome {
        guard let service = IntegratedService(integration) else {
            return refused("The service '\(integration.service)' is not supported by Nightshift yet.")
        }
        guard integration.pattern == .requestResponse || integration.pattern == .waitForTaskToken else {
            return refused("The pattern '\(integration.pattern.rawValue)' is not supported by Nightshift yet.")
        }
        if service.service == "lambda", service.operation == "Invoke", !service.isSDK {
            return await FunctionTask(operations: operations, arn: integration.arn).performIntegration(call, service)
        }
        do throws(TaskOperations.Failure) {
            let parameters = call.request.parameters.value
            let answer =
                service.isRepeatable
                ? try await operations.callUntilAvailable(
                    service: service.service, operation: service.operation, parameters: parameters)
                : try await operations.call(service: service.service, operation: service.operation, parameters: parameters)
            return outcome(answer.result, service)
        } catch {
            return .failed(
                TaskFailure(
                    kind: integration.pattern == .waitForTaskToken ? .submitFailed : .failed, error: service.errorName(error.error),
                    cause: service.cause(error.error, status: error.status, requestID: operations.context.requestID)))
        }
    }

    private func outcome(_ output: JSONValue, _ service: IntegratedService) -> EffectOutcome {
        var result = output
        if !service.isSDK, case .object(var object) = output {
            SDKMetadata.add(to: &object, requestID: operations.context.requestID, contentType: "text/xml")
            result = .object(object)
        }
        let document = JSONDocument(result)
        return integration.pattern == .waitForTaskToken ? .submitted(document) : .succeeded(document)
    }

    private func refused(_ cause: String) -> EffectOutcome {
        .failed(TaskFailure(error: "States.Runtime", cause: cause))
    }
}
