import JSONCore
import Store

/// Where an event goes that a rule's target did not get: the `DeadLetterConfig` of the target, with what the message tells.
///
/// The message is the event as the rule saw it, whatever the target's input would have been (EventBridge User Guide, "Using dead-letter
/// queues to process undelivered events").
package struct RuleDeadLetter: Sendable, Hashable {
    /// The queue's ARN.
    package var queueARN: String
    /// The rule's ARN.
    package var ruleARN: String
    /// The target's ARN.
    package var targetARN: String
    /// The event's JSON text; nil when it is the delivery's own input.
    package var event: String?
    /// The `X-Amzn-Trace-Id` to go on with.
    package var traceHeader: String?

    /// A dead-letter queue with these facts.
    package init(queueARN: String, ruleARN: String, targetARN: String, event: String?, traceHeader: String? = nil) {
        self.queueARN = queueARN
        self.ruleARN = ruleARN
        self.targetARN = targetARN
        self.event = event
        self.traceHeader = traceHeader
    }

    /// The message about an event; nil when the ARN is that of no queue.
    /// - Parameter input: what the target would have been given.
    package func message(input: String, _ failure: RuleTargetFailure, retries: Int, exhausted: RuleTargetFailure.Exhausted?)
        -> OutgoingMessage?
    {
        guard let queue = QueueName(arn: queueARN) else { return nil }
        let facts: [(String, String?)] = [
            ("RULE_ARN", ruleARN), ("TARGET_ARN", targetARN), ("ERROR_CODE", failure.code.rawValue), ("ERROR_MESSAGE", failure.message),
            ("EXHAUSTED_RETRY_CONDITION", exhausted?.rawValue), ("RETRY_ATTEMPTS", String(retries)),
        ]
        return OutgoingMessage(
            queue: queue, body: event ?? input,
            attributes: facts.compactMap { name, value in
                // A queue refuses attributes without a value.
                guard let value, !value.isEmpty else { return nil }
                return QueueMessageAttribute(name: name, dataType: "String", value: .string(value))
            }, traceHeader: traceHeader, senderID: RuleTargetDelivery.senderID)
    }

    /// The facts as JSON, for the body of a delivery.
    var value: JSONValue {
        var object: JSONObject = ["queue": .text(queueARN), "rule": .text(ruleARN), "target": .text(targetARN)]
        object["event"] = event.map(JSONValue.text)
        object["trace"] = traceHeader.map(JSONValue.text)
        return .object(object)
    }

    /// Reads `value`; nil when it is none.
    init?(_ value: JSONValue) {
        guard let queue = value["queue"]?.text, let rule = value["rule"]?.text, let target = value["target"]?.text else { return nil }
        self.init(
            queueARN: queue, ruleARN: rule, targetARN: target, event: value["event"]?.text, traceHeader: value["trace"]?.text)
    }
}
