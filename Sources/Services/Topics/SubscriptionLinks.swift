import Store

/// The links in confirmations and notifications: opening one makes the call, without a signature. The token, or the subscription's
/// random id, is what entitles to it.
struct SubscriptionLinks: Sendable {
    /// Where a link begins, `http://127.0.0.1:7070`.
    let base: String
    let topicARN: String
    let subscriptionARN: String

    init(_ record: SubscriptionRecord, region: String) {
        let name = SubscriptionName(record)
        base = record.linkBase
        topicARN = name.topic.arn(region: region)
        subscriptionARN = name.arn(region: region)
    }

    /// Confirms the subscription. Neither ARNs nor tokens hold characters that need to be escaped.
    func confirm(token: String) -> String {
        "\(base)/?Action=ConfirmSubscription&TopicArn=\(topicARN)&Token=\(token)"
    }

    /// Ends the subscription.
    var unsubscribe: String {
        "\(base)/?Action=Unsubscribe&SubscriptionArn=\(subscriptionARN)"
    }
}
