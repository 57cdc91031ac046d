import AWSProtocols
import Engine
import Store

/// Names of event buses.
enum EventBusName {
    /// The name of the bus that `EventBusName` names, by name or ARN; the default bus without it. Whether there is such a bus is not
    /// looked at; an ARN of another account or region stays whole, so that there is none.
    static func value(_ text: String?, _ context: RequestContext) -> String {
        guard let text, !text.isEmpty else { return RuleRecord.defaultBus }
        guard text.utf8.starts(with: "arn:".utf8) else { return text }
        guard let parsed = ARN(text), parsed.service == "events", parsed.account == context.account, parsed.region == context.region,
            parsed.resourceType == "event-bus", let name = parsed.resourceID
        else { return text }
        return name
    }

    /// The ARN of a bus.
    static func arn(_ name: String, _ context: RequestContext) -> String {
        ARN(service: "events", region: context.region, account: context.account, resource: "event-bus/\(name)").description
    }

    /// Checks the name of a bus that is to be created (EventBridge API Reference, CreateEventBus, parameter Name).
    static func checkNew(_ name: String) throws(APIError) {
        guard name != RuleRecord.defaultBus else { throw EventsError.busExists(name) }
        guard !name.utf8.contains(UInt8(ascii: "/")) else { throw .validation("Event bus name must not contain '/'.") }
        guard !name.utf8.starts(with: "aws.".utf8) else { throw .validation("Event bus name starting with 'aws.' is not valid.") }
    }
}
