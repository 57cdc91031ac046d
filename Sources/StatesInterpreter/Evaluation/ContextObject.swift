import JSONCore
import TimeSource

/// What the context object shows beyond the facts of the execution.
struct ContextFacts {
    /// The task whose token `$$.Task.Token` is; nil where there is no task.
    var effect: EffectNumber?
    /// The item of the innermost Map iteration.
    var mapItem: (index: Int64, value: JSONValue)?
}

/// Builds the context object `$$`. Source: Step Functions Developer Guide, "Accessing execution data from the Context object".
enum ContextObject {
    static func value(
        branch: Branch, input: Payload?, facts: ContextFacts, environment: ExecutionEnvironment
    ) -> JSONValue {
        var execution = JSONObject(capacity: 6)
        execution.set("Id", .text(environment.executionARN))
        execution.set("Input", input?.value ?? .null)
        execution.set("StartTime", .text(environment.startTime.iso8601Milliseconds))
        execution.set("Name", .text(environment.executionName))
        execution.set("RoleArn", .text(environment.roleARN))
        execution.set("RedriveCount", .integer(environment.redriveCount))
        var machine = JSONObject(capacity: 2)
        machine.set("Id", .text(environment.stateMachineARN))
        machine.set("Name", .text(environment.stateMachineName))
        var state = JSONObject(capacity: 3)
        state.set("Name", .string(branch.stateName))
        state.set("EnteredTime", .text(branch.enteredTime.iso8601Milliseconds))
        var context = JSONObject(capacity: 5)
        context.set("Execution", .object(execution))
        context.set("StateMachine", .object(machine))
        if facts.effect != nil { state.set("RetryCount", .integer(branch.retryCount)) }
        context.set("State", .object(state))
        if let effect = facts.effect {
            context.set("Task", .object(["Token": .text(environment.tokens.token(for: effect))]))
        }
        if let item = facts.mapItem {
            context.set("Map", .object(["Item": .object(["Index": .integer(item.index), "Value": item.value])]))
        }
        return .object(context)
    }
}
