import AWSProtocols
import Engine
import Store

/// Which event bus a request is about. Every account has one, `default`; buses of one's own are not there yet.
enum EventBusName {
    /// The bus that `EventBusName` names, by name or ARN; the default bus without it.
    static func value(_ text: String?) throws(APIError) -> String {
        guard let text else { return RuleRecord.defaultBus }
        let name = text.utf8.starts(with: "arn:".utf8) ? ARN(text)?.resourceID ?? text : text
        guard name == RuleRecord.defaultBus else { throw EventsError.busNotFound(name) }
        return name
    }

    /// The ARN of a bus.
    static func arn(_ name: String, _ context: RequestContext) -> String {
        ARN(service: "events", region: context.region, account: context.account, resource: "event-bus/\(name)").description
    }
}
