import AWSProtocols
import JSONCore
import Store

/// The attributes of topics: which can be set, and what is shown (SNS API Reference, SetTopicAttributes and GetTopicAttributes).
enum TopicAttributes {
    /// Kept and shown, not acted on.
    private static let stored: Set<String> = [
        "KmsMasterKeyId", "SignatureVersion", "TracingConfig", "HTTPSuccessFeedbackRoleArn", "HTTPSuccessFeedbackSampleRate",
        "HTTPFailureFeedbackRoleArn", "LambdaSuccessFeedbackRoleArn", "LambdaSuccessFeedbackSampleRate",
        "LambdaFailureFeedbackRoleArn", "SQSSuccessFeedbackRoleArn", "SQSSuccessFeedbackSampleRate", "SQSFailureFeedbackRoleArn",
        "FirehoseSuccessFeedbackRoleArn", "FirehoseSuccessFeedbackSampleRate", "FirehoseFailureFeedbackRoleArn",
        "ApplicationSuccessFeedbackRoleArn", "ApplicationSuccessFeedbackSampleRate", "ApplicationFailureFeedbackRoleArn",
    ]

    /// What a topic's policy may allow, as the default policy does (SNS API Reference, AddPermission).
    static let grantableActions = [
        "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe",
        "ListSubscriptionsByTopic", "Publish",
    ]

    private static let displayNameLimit = 100

    /// Within what FIFO topics look for duplicates; the raw values are those of `FifoThroughputScope`.
    enum FIFOScope: String {
        case topic = "Topic"
        case messageGroup = "MessageGroup"
    }

    /// Checks a value that is to be set.
    /// - Parameter inList: whether it came in CreateTopic's list of attributes; AWS words the error differently then.
    static func check(_ name: String, _ value: String, of topic: TopicName, inList: Bool) throws(APIError) {
        let prefix = inList ? "Attributes Reason: " : ""
        switch name {
        case "DisplayName":
            guard value.unicodeScalars.count <= displayNameLimit, !value.unicodeScalars.contains(where: \.isControlCharacter) else {
                throw SNSError.invalidParameter("\(prefix)DisplayName")
            }
        case "Policy":
            guard let policy = try? JSONParser.parse(value), policy.object != nil else {
                throw SNSError.invalidParameter("\(prefix)Policy Error: null")
            }
        case "DeliveryPolicy":
            guard !value.isEmpty else { return }
            _ = try WebhookPolicy(topic: value)
        case "FifoTopic":
            // What a topic is made as, it stays.
            guard inList else { throw SNSError.invalidParameter("AttributeName") }
            guard value == "true" || value == "false" else { throw SNSError.invalidParameter("\(prefix)FifoTopic") }
        case "ContentBasedDeduplication":
            guard value == "true" || value == "false" else {
                throw SNSError.invalidParameter("\(prefix)ContentBasedDeduplication")
            }
            guard topic.isFIFO || value == "false" else {
                throw SNSError.invalidParameter("\(prefix)Content-based deduplication can only be set for FIFO topics")
            }
        case "FifoThroughputScope":
            guard topic.isFIFO, FIFOScope(rawValue: value) != nil else {
                throw SNSError.invalidParameter("\(prefix)FifoThroughputScope")
            }
        case "ArchivePolicy":
            guard value.isEmpty || value == "{}" else {
                throw SNSError.invalidParameter("\(prefix)ArchivePolicy: archives of topics are not supported by Nightshift")
            }
        default:
            guard stored.contains(name) else {
                throw SNSError.invalidParameter(inList ? "Attributes Reason: Unknown attribute \(name)" : "AttributeName")
            }
        }
    }

    /// What GetTopicAttributes shows.
    static func shown(_ record: TopicRecord, counts: (confirmed: Int, pending: Int), region: String) -> APIValue {
        let set = AttributeTable(stored: record.attributes)
        let arn = TopicName(account: record.account, name: record.name).arn(region: region)
        var shown = AttributeTable(set.entries.filter { !$0.1.isEmpty })
        shown["TopicArn"] = arn
        shown["Owner"] = record.account
        shown["Policy"] = set["Policy"] ?? defaultPolicy(arn, record.account)
        shown["DisplayName"] = set["DisplayName"] ?? ""
        if set["FifoTopic"] == "true" {
            shown["ContentBasedDeduplication"] = set["ContentBasedDeduplication"] ?? "false"
        } else {
            shown["FifoTopic"] = nil
            shown["ContentBasedDeduplication"] = nil
        }
        shown["SubscriptionsConfirmed"] = String(counts.confirmed)
        shown["SubscriptionsPending"] = String(counts.pending)
        shown["SubscriptionsDeleted"] = String(record.deletedSubscriptions)
        shown["EffectiveDeliveryPolicy"] = WebhookPolicy.effective(topic: set["DeliveryPolicy"]).topicText
        return .stringMap(shown.entries)
    }

    /// The policy that AWS gives a new topic. Nightshift shows it and does not evaluate it: accounts are tenants.
    static func defaultPolicy(_ arn: String, _ account: String) -> String {
        JSONWriter.text(of: [
            "Version": "2008-10-17", "Id": "__default_policy_ID",
            "Statement": [
                [
                    "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": ["AWS": "*"],
                    "Action": .array(grantableActions.map { .text("SNS:\($0)") }), "Resource": .text(arn),
                    "Condition": ["StringEquals": ["AWS:SourceOwner": .text(account)]],
                ]
            ],
        ])
    }
}

extension Unicode.Scalar {
    /// C0, DEL and C1 control characters.
    var isControlCharacter: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}
