import JSONCore
import TimeSource

/// The JSON in which messages arrive at web addresses, in `email-json` mails and at functions (Amazon SNS Developer Guide, "Parsing
/// Amazon SNS message formats").
///
/// Nightshift does not sign it: `Signature` and `SigningCertURL` are absent.
struct NotificationEnvelope: Sendable {
    /// What it tells; the raw values are those of `Type` and of the header `x-amz-sns-message-type`.
    enum Kind: String, Sendable {
        case notification = "Notification"
        case subscriptionConfirmation = "SubscriptionConfirmation"
    }

    let topicARN: String
    let subscriptionARN: String
    let links: SubscriptionLinks

    /// A message's envelope as JSON text, laid out for people.
    /// - Parameter sequenceNumber: the message's place in its FIFO topic; nil in other topics.
    func notification(_ message: TopicMessage, text: String, sequenceNumber: String? = nil) -> String {
        var object: JSONObject = ["Type": .text(Kind.notification.rawValue), "MessageId": .text(message.id)]
        object["SequenceNumber"] = sequenceNumber.map(JSONValue.text)
        object["TopicArn"] = .text(topicARN)
        object["Subject"] = message.subject.map(JSONValue.text)
        object["Message"] = .text(text)
        object["Timestamp"] = .text(message.publishedAt.iso8601Milliseconds)
        // Messages of FIFO topics have nothing of a signature on AWS either.
        if sequenceNumber == nil { object["SignatureVersion"] = "1" }
        object["UnsubscribeURL"] = .text(links.unsubscribe)
        if !message.attributes.isEmpty { object["MessageAttributes"] = attributes(of: message) }
        return JSONWriter.pretty(.object(object))
    }

    /// The request to confirm a subscription.
    func confirmation(id: String, token: String, at timestamp: String) -> String {
        JSONWriter.pretty([
            "Type": .text(Kind.subscriptionConfirmation.rawValue), "MessageId": .text(id), "Token": .text(token),
            "TopicArn": .text(topicARN),
            "Message": .text(
                """
                You have chosen to subscribe to the topic \(topicARN).
                To confirm the subscription, visit the SubscribeURL included in this message.
                """),
            "SubscribeURL": .text(links.confirm(token: token)), "Timestamp": .text(timestamp), "SignatureVersion": "1",
        ])
    }

    /// The event that a function gets (AWS Lambda Developer Guide, "Using AWS Lambda with Amazon SNS").
    func event(_ message: TopicMessage, text: String) -> [UInt8] {
        JSONWriter.bytes(of: [
            "Records": [
                [
                    "EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": .text(subscriptionARN),
                    "Sns": [
                        "Type": .text(Kind.notification.rawValue), "MessageId": .text(message.id), "TopicArn": .text(topicARN),
                        "Subject": message.subject.map(JSONValue.text) ?? .null, "Message": .text(text),
                        "Timestamp": .text(message.publishedAt.iso8601Milliseconds), "SignatureVersion": "1",
                        "UnsubscribeUrl": .text(links.unsubscribe), "MessageAttributes": attributes(of: message),
                    ],
                ]
            ]
        ])
    }

    private func attributes(of message: TopicMessage) -> JSONValue {
        .object(
            JSONObject(
                message.attributes.map { attribute in
                    (JSONString(attribute.name), ["Type": .text(attribute.dataType), "Value": .text(attribute.value)])
                }))
    }
}
