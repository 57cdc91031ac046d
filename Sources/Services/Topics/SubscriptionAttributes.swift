import AWSProtocols
import Engine
import EventPatterns
import JSONCore
import Store

/// The attributes of subscriptions: which can be set, and what is shown (SNS API Reference, SetSubscriptionAttributes).
enum SubscriptionAttributes {
    /// Checks a value that is to be set, and answers how it is stored; nil removes it.
    ///
    /// - Parameters:
    ///   - others: the other attributes of the same subscription.
    ///   - endpoint: where the subscription's messages go.
    ///   - inList: whether it came in Subscribe's list of attributes; AWS words the error differently then.
    static func checked(
        _ name: String, _ value: String, others: AttributeTable, of topic: TopicName, endpoint: String, inList: Bool
    ) throws(APIError) -> String? {
        let prefix = inList ? "Attributes Reason: " : ""
        switch name {
        case "FilterPolicy":
            guard !value.isEmpty, value != "{}" else { return nil }
            try check(policy: value, scope: others["FilterPolicyScope"], prefix: prefix)
            return value
        case "FilterPolicyScope":
            guard FilterPolicy.Scope(rawValue: value) != nil else {
                throw SNSError.invalidParameter(
                    "\(prefix)FilterPolicyScope: Invalid value [\(value)]. Please use either MessageBody or MessageAttributes")
            }
            if let policy = others["FilterPolicy"] { try check(policy: policy, scope: value, prefix: prefix) }
            return value
        case "RawMessageDelivery":
            guard ["true", "false"].contains(value.lowercased()) else {
                throw SNSError.invalidParameter("\(prefix)RawMessageDelivery: Invalid value [\(value)]. Must be true or false.")
            }
            return value.lowercased()
        case "DeliveryPolicy":
            guard !value.isEmpty else { return nil }
            _ = try WebhookPolicy(subscription: value)
            return value
        case "RedrivePolicy":
            guard !value.isEmpty, value != "{}" else { return nil }
            try check(redrivePolicy: value, of: topic, endpoint: endpoint, prefix: prefix)
            return value
        case "SubscriptionRoleArn", "ReplayPolicy":
            guard value.isEmpty else {
                throw SNSError.invalidParameter("\(prefix)\(name): not supported by Nightshift")
            }
            return nil
        default:
            throw SNSError.invalidParameter(inList ? "Attributes Reason: Unknown attribute \(name)" : "AttributeName")
        }
    }

    /// Checks all attributes of a Subscribe request.
    static func checked(_ entries: [(String, String)], of topic: TopicName, endpoint: String) throws(APIError) -> AttributeTable {
        // The scope first: the policy is checked in its light.
        var table = AttributeTable()
        let ordered = entries.filter { $0.0 == "FilterPolicyScope" } + entries.filter { $0.0 != "FilterPolicyScope" }
        for (name, value) in ordered {
            table[name] = try checked(name, value, others: table, of: topic, endpoint: endpoint, inList: true)
        }
        return table
    }

    /// The compiled filter policy of a subscription; nil when it wants every message.
    static func filterPolicy(_ table: AttributeTable) throws(EventPatternError) -> FilterPolicy? {
        guard let policy = table["FilterPolicy"] else { return nil }
        let scope = table["FilterPolicyScope"].flatMap(FilterPolicy.Scope.init(rawValue:)) ?? .messageAttributes
        return try FilterPolicy(parsing: policy, scope: scope)
    }

    /// What GetSubscriptionAttributes shows.
    static func shown(_ record: SubscriptionRecord, topic: TopicRecord, region: String) -> APIValue {
        let name = SubscriptionName(record)
        let set = AttributeTable(stored: record.attributes)
        var shown = set
        shown["SubscriptionArn"] = name.arn(region: region)
        shown["TopicArn"] = name.topic.arn(region: region)
        shown["Owner"] = record.account
        shown["Protocol"] = record.protocol
        shown["Endpoint"] = SubscriptionProtocol.shown(record.endpoint)
        shown["PendingConfirmation"] = record.state == .pending ? "true" : "false"
        shown["ConfirmationWasAuthenticated"] = record.wasAuthenticated ? "true" : "false"
        shown["RawMessageDelivery"] = set["RawMessageDelivery"] ?? "false"
        if set["FilterPolicy"] != nil {
            shown["FilterPolicyScope"] = set["FilterPolicyScope"] ?? FilterPolicy.Scope.messageAttributes.rawValue
        }
        if SubscriptionProtocol(rawValue: record.protocol)?.isWebhook == true {
            let topicPolicy = AttributeTable(stored: topic.attributes)["DeliveryPolicy"]
            let policy = WebhookPolicy.effective(topic: topicPolicy, subscription: set["DeliveryPolicy"])
            shown["EffectiveDeliveryPolicy"] = policy.subscriptionText
        }
        return .stringMap(shown.entries)
    }

    /// The queue for what cannot be delivered; nil without one.
    static func deadLetterQueue(_ table: AttributeTable) -> QueueName? {
        table["RedrivePolicy"].flatMap { try? JSONParser.parse($0) }?["deadLetterTargetArn"]?.text.flatMap { QueueName(arn: $0) }
    }

    private static func check(
        redrivePolicy text: String, of topic: TopicName, endpoint: String, prefix: String
    ) throws(APIError) {
        guard let policy = try parsed(text, of: "\(prefix)RedrivePolicy").object else {
            throw SNSError.invalidParameter("\(prefix)RedrivePolicy: failed to parse JSON.")
        }
        guard let target = policy["deadLetterTargetArn"]?.text, policy.count == 1 else {
            throw SNSError.invalidParameter("\(prefix)RedrivePolicy: deadLetterTargetArn is an invalid arn")
        }
        guard let arn = ARN(target), arn.service == "sqs", let queue = QueueName(arn: target), queue.account == topic.account else {
            throw SNSError.invalidParameter("\(prefix)RedrivePolicy: deadLetterTargetArn is an invalid arn")
        }
        // What counts is the subscription: a FIFO topic may have standard queues.
        let isFIFO = topic.isFIFO && QueueName(arn: endpoint)?.isFIFO == true
        guard queue.isFIFO == isFIFO else {
            throw SNSError.invalidParameter(
                isFIFO
                    ? "\(prefix)RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."
                    : "\(prefix)RedrivePolicy: must use a standard queue as DLQ for a standard topic")
        }
    }

    private static func check(policy: String, scope: String?, prefix: String) throws(APIError) {
        _ = try parsed(policy, of: "\(prefix)FilterPolicy")
        do throws(EventPatternError) {
            _ = try FilterPolicy(parsing: policy, scope: scope.flatMap(FilterPolicy.Scope.init(rawValue:)) ?? .messageAttributes)
        } catch {
            // The one reason that AWS does not put behind the attribute's name.
            let name = error == FilterPolicy.nestedError ? "" : "FilterPolicy: "
            throw SNSError.invalidParameter("\(prefix)\(name)\(error.reason)")
        }
    }

    /// The JSON of an attribute.
    private static func parsed(_ text: String, of name: String) throws(APIError) -> JSONValue {
        do throws(JSONParseError) {
            return try JSONParser.parse(text)
        } catch {
            let fault = JSONFault(error, in: Array(text.utf8))
            throw SNSError.invalidParameter(
                """
                \(name): failed to parse JSON. \(fault.reason)
                 at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: \(fault.line), \
                column: \(fault.column)]
                """)
        }
    }
}
