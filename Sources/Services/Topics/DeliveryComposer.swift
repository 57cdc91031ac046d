import Engine
import JSONCore
import Store
import TimeSource

/// Makes the deliveries of messages and confirmations: for each subscription the mail, the webhook or the invocation.
struct DeliveryComposer: Sendable {
    let region: String
    let identifiers: IdentifierSource

    /// The delivery of a message to a confirmed subscription.
    /// - Parameter now: engine time, from which the delivery's age counts.
    func delivery(
        of message: TopicMessage, to record: SubscriptionRecord, topic: TopicRecord, now: Timestamp
    ) -> DeliveryRecord? {
        guard let way = SubscriptionProtocol(rawValue: record.protocol) else { return nil }
        let text = message.text(for: way)
        let envelope = envelope(record)
        switch way {
        case .email:
            let mail = MailDelivery(
                to: record.endpoint, senderName: senderName(topic), subject: message.subject ?? SubscriptionMail.notificationSubject,
                text: SubscriptionMail.notification(text, envelope.links), writtenAt: message.publishedAt,
                unsubscribeURL: envelope.links.unsubscribe)
            return make(MailDelivery.kind, mail.encoded, record, now)
        case .emailJSON:
            let mail = MailDelivery(
                to: record.endpoint, senderName: senderName(topic), subject: message.subject ?? SubscriptionMail.notificationSubject,
                text: envelope.notification(message, text: text), writtenAt: message.publishedAt,
                unsubscribeURL: envelope.links.unsubscribe)
            return make(MailDelivery.kind, mail.encoded, record, now)
        case .http, .https:
            let set = AttributeTable(stored: record.attributes)
            let isRaw = set["RawMessageDelivery"] == "true"
            var headers = headers(.notification, messageID: message.id, envelope)
            headers.append(.init("x-amz-sns-subscription-arn", envelope.subscriptionARN))
            if isRaw { headers.append(.init("x-amz-sns-rawdelivery", "true")) }
            return webhook(record, topic, headers, content: isRaw ? text : envelope.notification(message, text: text), now)
        case .lambda:
            let invocation = FunctionDelivery(functionARN: record.endpoint, payload: envelope.event(message, text: text))
            return make(FunctionDelivery.kind, invocation.encoded, record, now)
        }
    }

    /// The delivery that asks a pending subscription's endpoint to confirm; nil when there is nothing to ask.
    func confirmation(of record: SubscriptionRecord, topic: TopicRecord, now: Timestamp, wall: Timestamp) -> DeliveryRecord? {
        guard let way = SubscriptionProtocol(rawValue: record.protocol), let token = record.token else { return nil }
        let envelope = envelope(record)
        let messageID = identifiers.uuid()
        let json = envelope.confirmation(id: messageID, token: token, at: wall.iso8601Milliseconds)
        switch way {
        case .email, .emailJSON:
            let mail = MailDelivery(
                to: record.endpoint, senderName: senderName(topic), subject: SubscriptionMail.confirmationSubject,
                text: way == .email ? SubscriptionMail.confirmation(envelope.links, token: token) : json, writtenAt: wall)
            return make(MailDelivery.kind, mail.encoded, record, now)
        case .http, .https:
            return webhook(record, topic, headers(.subscriptionConfirmation, messageID: messageID, envelope), content: json, now)
        case .lambda:
            return nil
        }
    }

    private func envelope(_ record: SubscriptionRecord) -> NotificationEnvelope {
        let links = SubscriptionLinks(record, region: region)
        return NotificationEnvelope(topicARN: links.topicARN, subscriptionARN: links.subscriptionARN, links: links)
    }

    private func senderName(_ topic: TopicRecord) -> String? {
        AttributeTable(stored: topic.attributes)["DisplayName"].flatMap { $0.isEmpty ? nil : $0 }
    }

    private func headers(
        _ kind: NotificationEnvelope.Kind, messageID: String, _ envelope: NotificationEnvelope
    ) -> [WebhookDelivery.Header] {
        [
            .init("x-amz-sns-message-type", kind.rawValue), .init("x-amz-sns-message-id", messageID),
            .init("x-amz-sns-topic-arn", envelope.topicARN), .init("User-Agent", "Amazon Simple Notification Service Agent"),
        ]
    }

    private func webhook(
        _ record: SubscriptionRecord, _ topic: TopicRecord, _ headers: [WebhookDelivery.Header], content: String, _ now: Timestamp
    ) -> DeliveryRecord {
        let policy = WebhookPolicy.effective(
            topic: AttributeTable(stored: topic.attributes)["DeliveryPolicy"],
            subscription: AttributeTable(stored: record.attributes)["DeliveryPolicy"])
        let webhook = WebhookDelivery(
            url: record.endpoint, headers: headers + [.init("Content-Type", policy.contentType)], content: content,
            retryPolicy: policy.retries)
        return make(WebhookDelivery.kind, webhook.encoded, record, now)
    }

    private func make(_ kind: String, _ body: [UInt8], _ record: SubscriptionRecord, _ now: Timestamp) -> DeliveryRecord {
        DeliveryRecord(id: identifiers.orderedUUID(), account: record.account, kind: kind, createdAt: now, body: body)
    }
}
