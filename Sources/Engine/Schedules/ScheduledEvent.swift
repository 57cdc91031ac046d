package import JSONCore
package import Store
package import TimeSource

/// The event that a scheduled rule sends (EventBridge User Guide, "Creating a rule that runs on a schedule").
package struct ScheduledEvent: Sendable, Hashable {
    /// The rule's ARN.
    package let ruleARN: String
    /// The event as JSON.
    package let value: JSONValue

    /// The event of a rule's tick.
    package init(rule: RuleRecord, due: Timestamp, id: String, region: String) {
        ruleARN = rule.arn(region: region)
        value = [
            "version": "0", "id": .text(id), "detail-type": "Scheduled Event", "source": "aws.events", "account": .text(rule.account),
            "time": .text(due.iso8601Seconds), "region": .text(region), "resources": [.text(ruleARN)], "detail": [:],
        ]
    }
}

extension RuleRecord {
    /// The bus of every account that is always there. Rules on it have no bus in their ARN.
    package static let defaultBus = "default"

    /// The rule's ARN.
    package func arn(region: String) -> String {
        let path = bus == RuleRecord.defaultBus ? name : "\(bus)/\(name)"
        return "arn:aws:events:\(region):\(account):rule/\(path)"
    }
}
