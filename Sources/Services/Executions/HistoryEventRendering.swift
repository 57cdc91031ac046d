import AWSProtocols
import JSONCore
import StatesInterpreter
import TimeSource

/// History events in the shape of GetExecutionHistory (AWS Step Functions API Reference, HistoryEvent).
struct HistoryEventRendering {
    /// The execution's role, which the first event shows.
    let roleARN: String
    /// False leaves out inputs and outputs (`includeExecutionData`).
    let includesData: Bool

    /// One event.
    func render(_ event: HistoryEvent) -> APIValue {
        var output: APIStructure = [
            "timestamp": .timestamp(event.timestamp.milliseconds), "type": .string(event.type.name),
            "id": .integer(event.id), "previousEventId": .integer(event.previousEventID),
        ]
        if let details = details(event.details) {
            output[HistoryEventRendering.member(event)] = .structure(details)
        }
        return .structure(output)
    }

    /// The member that holds an event's details: the type with a small first letter, but one for all kinds of state.
    private static func member(_ event: HistoryEvent) -> String {
        switch event.details {
        case .stateEntered: return "stateEnteredEventDetails"
        case .stateExited: return "stateExitedEventDetails"
        default:
            let name = event.type.name
            return name.prefix(1).lowercased() + name.dropFirst() + "EventDetails"
        }
    }

    private func details(_ details: HistoryEventDetails) -> APIStructure? {
        var output = APIStructure()
        switch details {
        case .none: return nil
        case .executionStarted(let input):
            add(input, as: "input", to: &output)
            output["roleArn"] = .string(roleARN)
        case .output(let payload): add(payload, as: "output", to: &output)
        case .failure(let error, let cause): add(error, cause, to: &output)
        case .stateEntered(let name, let input):
            output["name"] = .string(name)
            add(input, as: "input", to: &output)
        case .stateExited(let name, let payload, let assigned):
            output["name"] = .string(name)
            add(payload, as: "output", to: &output)
            if let assigned, includesData, let variables = assigned.value.object {
                output["assignedVariables"] = .stringMap(
                    variables.members.map { ($0.key.text, $0.value.description) })
                output["assignedVariablesDetails"] = ["truncated": false]
            }
        case .scheduled(let resource, let input, let timeout, let heartbeat):
            output["resource"] = .string(resource)
            add(input, as: "input", to: &output)
            output["timeoutInSeconds"] = .optional(timeout)
            output["heartbeatInSeconds"] = .optional(heartbeat)
        case .activityStarted(let workerName): output["workerName"] = .optional(workerName)
        case .taskScheduled(let type, let resource, let region, let parameters, let timeout, let heartbeat):
            output["resourceType"] = .string(type)
            output["resource"] = .string(resource)
            output["region"] = .string(region)
            output["parameters"] = .string(includesData ? String(decoding: parameters.text, as: UTF8.self) : "")
            output["timeoutInSeconds"] = .optional(timeout)
            output["heartbeatInSeconds"] = .optional(heartbeat)
        case .task(let type, let resource):
            output["resourceType"] = .string(type)
            output["resource"] = .string(resource)
        case .taskOutput(let type, let resource, let payload):
            output["resourceType"] = .string(type)
            output["resource"] = .string(resource)
            add(payload, as: "output", to: &output)
        case .taskFailure(let type, let resource, let error, let cause):
            output["resourceType"] = .string(type)
            output["resource"] = .string(resource)
            add(error, cause, to: &output)
        case .mapStarted(let length): output["length"] = .integer(length)
        case .mapIteration(let name, let index):
            output["name"] = .string(name)
            output["index"] = .integer(index)
        case .evaluationFailed(let state, let location, let error, let cause):
            output["state"] = .string(state)
            output["location"] = .optional(location)
            add(error, cause, to: &output)
        }
        return output
    }

    private func add(_ payload: Payload, as name: String, to output: inout APIStructure) {
        guard includesData else { return }
        output[name] = .string(String(decoding: payload.text, as: UTF8.self))
        output[name + "Details"] = ["truncated": false]
    }

    private func add(_ error: String?, _ cause: String?, to output: inout APIStructure) {
        output["error"] = .optional(error)
        output["cause"] = .optional(cause)
    }
}
