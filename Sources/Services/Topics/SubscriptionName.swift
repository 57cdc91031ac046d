import AWSProtocols
import Store

/// Which subscription of which topic: what a subscription's ARN says.
struct SubscriptionName: Sendable, Hashable {
    /// The topic.
    let topic: TopicName
    /// The UUID after the topic's name.
    let id: String

    init(topic: TopicName, id: String) {
        self.topic = topic
        self.id = id
    }

    init(_ record: SubscriptionRecord) {
        self.init(topic: TopicName(account: record.account, name: record.topicName), id: record.id)
    }

    /// Reads the ARN of a subscription of this region.
    init(arn text: String, region: String) throws(APIError) {
        let elements = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).count
        guard elements >= 6 else {
            throw SNSError.invalidParameter("SubscriptionArn Reason: An ARN must have at least 6 elements, not \(elements)")
        }
        guard elements > 6 else { throw SNSError.invalidParameter("SubscriptionId") }
        guard elements == 7, let colon = text.lastIndex(of: ":") else { throw SNSError.invalidParameter("SubscriptionArn") }
        let topic = try TopicName(arn: String(text[..<colon]), parameter: "SubscriptionArn", region: region)
        self.init(topic: topic, id: String(text[text.index(after: colon)...]))
    }

    /// The subscription's ARN.
    func arn(region: String) -> String {
        "\(topic.arn(region: region)):\(id)"
    }
}
