import EventPatterns
import JSONCore

extension RuleTargetSettings {
    /// The `HttpParameters` for an event: a value that is a path, as `$.detail.id`, is what the path leads to in the event (EventBridge User
    /// Guide, API destinations as targets). A path that leads nowhere is empty.
    func httpParameters(for event: JSONValue) -> JSONValue? {
        httpParameters.map { RuleTargetSettings.resolved($0, event) }
    }

    private static func resolved(_ value: JSONValue, _ event: JSONValue) -> JSONValue {
        switch value {
        case .object(let object): return .object(JSONObject(object.members.map { ($0.key, resolved($0.value, event)) }))
        case .array(let elements): return .array(elements.map { resolved($0, event) })
        case .string(let text):
            guard text.text.hasPrefix("$."), let path = EventPath(parsing: text.text) else { return value }
            switch path.value(in: event) {
            case .string(let text)?: return .string(text)
            case nil, .null?: return .text("")
            case let other?: return .text(JSONWriter.text(of: other))
            }
        default: return value
        }
    }
}
