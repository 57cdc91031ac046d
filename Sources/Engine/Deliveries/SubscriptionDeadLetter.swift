import JSONCore
package import Store

/// What goes into the dead-letter queue of a subscription when a message cannot be delivered to its endpoint (`RedrivePolicy`; SNS
/// Developer Guide, "Amazon SNS dead-letter queues"): the message as a queue would have got it.
///
/// It stands in the body of the delivery, beside what the performer reads.
package struct SubscriptionDeadLetter: Sendable, Hashable {
    private static let member: JSONString = "subscriptionDeadLetter"

    /// The queue.
    package let queue: QueueName
    /// The text of the message.
    package let body: String
    /// By which the queue knows the sender.
    package let senderID: String

    /// A message for a dead-letter queue.
    package init(queue: QueueName, body: String, senderID: String) {
        self.queue = queue
        self.body = body
        self.senderID = senderID
    }

    /// What stands in a delivery's body; nil when nothing does.
    package init?(of delivery: DeliveryRecord) {
        guard let value = (try? JSONParser.parse(delivery.body))?[SubscriptionDeadLetter.member.text],
            let account = value["account"]?.text, let name = value["queue"]?.text, let body = value["body"]?.text,
            let sender = value["sender"]?.text
        else { return nil }
        self.init(queue: QueueName(account: account, name: name), body: body, senderID: sender)
    }

    /// The body of a delivery with this in it. Bodies are JSON objects.
    package func added(to body: [UInt8]) -> [UInt8] {
        guard case .object(var object)? = try? JSONParser.parse(body) else { return body }
        object[SubscriptionDeadLetter.member] = [
            "account": .text(queue.account), "queue": .text(queue.name), "body": .text(self.body), "sender": .text(senderID),
        ]
        return JSONWriter.bytes(of: .object(object))
    }
}

extension DeliveryOutcome {
    /// The outcome, which becomes a dead letter when the delivery failed for good and its subscription has a queue for that.
    func withDeadLetter(of delivery: DeliveryRecord) -> DeliveryOutcome {
        guard case .failed(let reason) = self, let letter = SubscriptionDeadLetter(of: delivery) else { return self }
        return .deadLettered(OutgoingMessage(queue: letter.queue, body: letter.body, senderID: letter.senderID), reason: reason)
    }
}
