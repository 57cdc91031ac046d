import AWSProtocols
import JSONCore
import StatesInterpreter
import TimeSource

extension HistoryEvent {
    /// The event as a member of GetExecutionHistory's answer.
    func apiValue(facts: HistoryFacts, includesData: Bool) -> APIValue {
        var event = APIStructure(rendered(facts: facts, includesData: includesData))
        event["timestamp"] = .timestamp(timestamp.milliseconds)
        return .structure(event)
    }
}
