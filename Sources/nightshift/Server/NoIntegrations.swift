import Engine
import StatesInterpreter
import StatesLanguage

/// For tasks that nothing here can perform yet.
struct NoIntegrations: EffectPerformer {
    func effectClass(of resource: TaskResource, account: String) -> EffectClass { .deduplicated }

    func perform(_ call: EffectCall) async -> EffectOutcome {
        .failed(TaskFailure(error: "States.Runtime", cause: "The resource \(call.request.resource.arn) is not supported by Nightshift yet."))
    }
}
