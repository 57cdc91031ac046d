package import JSONCore

/// An event on its way to a rule's target: what stands in the body of deliveries of the kind `rule-target`.
///
/// It has everything that the call needs: later changes of the rule do not reach ticks that have fired.
package struct RuleTargetDelivery: Sendable, Hashable {
    /// The kind.
    package static let kind = "rule-target"
    /// The kind of those for API destinations, with the same body.
    package static let apiDestinationKind = "api-destination"
    /// Who sends messages to queues: `SenderId`.
    package static let senderID = "AIDAEVENTBRIDGE"

    /// The rule's ARN.
    package var ruleARN: String
    /// The target's id in the rule.
    package var targetID: String
    /// The event's id, the same for all targets of the tick.
    package var eventID: String
    /// What is called.
    package var targetARN: String
    /// What it is given: JSON, or lines of text from an input transformer.
    package var input: String
    /// The role in whose name it is called.
    package var roleARN: String?
    /// Which nodes a command selects, as the API's `RunCommandTargets`.
    package var commandTargets: JSONValue?
    /// What a request to an API destination is completed with, as the API's `HttpParameters`.
    package var httpParameters: JSONValue?
    /// The group of a message for a queue.
    package var messageGroupID: String?
    /// How often the call is tried again.
    package var maximumRetries: Int
    /// For how long it is tried.
    package var maximumAge: Duration
    /// Where the event goes that cannot be delivered, nil when it is given up.
    package var deadLetter: RuleDeadLetter?
    /// Whether the event came from another bus: it may not go on to a third.
    package var isForwarded: Bool

    /// A delivery of these parts.
    package init(
        ruleARN: String, targetID: String, eventID: String, targetARN: String, input: String, roleARN: String? = nil,
        commandTargets: JSONValue? = nil, httpParameters: JSONValue? = nil, messageGroupID: String? = nil,
        maximumRetries: Int = RuleTargetSettings.defaultRetries, maximumAge: Duration = RuleTargetSettings.defaultAge,
        deadLetter: RuleDeadLetter? = nil, isForwarded: Bool = false
    ) {
        self.ruleARN = ruleARN
        self.targetID = targetID
        self.eventID = eventID
        self.targetARN = targetARN
        self.input = input
        self.roleARN = roleARN
        self.commandTargets = commandTargets
        self.httpParameters = httpParameters
        self.messageGroupID = messageGroupID
        self.maximumRetries = maximumRetries
        self.maximumAge = maximumAge
        self.deadLetter = deadLetter
        self.isForwarded = isForwarded
    }

    /// The body of the delivery.
    package var encoded: [UInt8] {
        var object: JSONObject = [
            "rule": .text(ruleARN), "target": .text(targetID), "event": .text(eventID), "arn": .text(targetARN), "input": .text(input),
            "retries": .integer(maximumRetries), "ageSeconds": .integer(maximumAge.components.seconds),
        ]
        object["role"] = roleARN.map(JSONValue.text)
        object["nodes"] = commandTargets
        object["http"] = httpParameters
        object["group"] = messageGroupID.map(JSONValue.text)
        object["deadLetter"] = deadLetter?.value
        if isForwarded { object["forwarded"] = true }
        return JSONWriter.bytes(of: .object(object))
    }

    /// Reads a body; nil when it is none.
    package init?(encoded: [UInt8]) {
        guard let value = try? JSONParser.parse(encoded), let rule = value["rule"]?.text, let target = value["target"]?.text,
            let event = value["event"]?.text, let arn = value["arn"]?.text, let input = value["input"]?.text,
            let retries = value["retries"]?.integer, let age = value["ageSeconds"]?.integer
        else { return nil }
        self.init(
            ruleARN: rule, targetID: target, eventID: event, targetARN: arn, input: input, roleARN: value["role"]?.text,
            commandTargets: value["nodes"], httpParameters: value["http"], messageGroupID: value["group"]?.text,
            maximumRetries: Int(retries), maximumAge: .seconds(age), deadLetter: value["deadLetter"].flatMap(RuleDeadLetter.init),
            isForwarded: value["forwarded"]?.bool ?? false)
    }
}
