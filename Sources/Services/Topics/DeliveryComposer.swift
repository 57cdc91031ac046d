import Engine
import JSONCore
import StatesInterpreter
import Store
import TimeSource

/// Makes the deliveries of messages and confirmations: for each subscription the mail, the webhook or the invocation.
struct DeliveryComposer: Sendable {
    let region: String
    let identifiers: IdentifierSource

    /// Adds what a message means to a confirmed subscription.
    /// - Parameters:
    ///   - sequenceNumber: the message's place in its FIFO topic.
    ///   - queues: those of the subscribers' queues that exist, dead-letter queues included, with the bytes that a message may have.
    ///   - now: engine time, from which a delivery's age counts, and wall time.
    func add(
        _ message: TopicMessage, to subscriber: TopicSubscriber, topic: TopicFanout, sequenceNumber: String?, queues: [QueueName: Int],
        now: Instants, into dispatch: inout TopicDispatch
    ) {
        guard let way = subscriber.way else { return }
        guard way == .sqs else {
            if var delivery = delivery(of: message, way, to: subscriber, topic: topic, now: now.engine) {
                if let queue = subscriber.deadLetterQueue {
                    let letter = self.message(message, to: queue, subscriber, sequenceNumber)
                    delivery.body = SubscriptionDeadLetter(queue: queue, body: letter.body, senderID: letter.senderID)
                        .added(to: delivery.body)
                }
                dispatch.deliveries.append(delivery)
            }
            return
        }
        let attempt = subscriber.queue.map { self.message(message, to: $0, subscriber, sequenceNumber) }
        guard let reason = refusal(of: message, attempt, subscriber, queues) else {
            if let attempt { dispatch.messages.append(attempt) }
            return
        }
        let letter = subscriber.deadLetterQueue.map { self.message(message, to: $0, subscriber, sequenceNumber) }
        if let letter, let limit = queues[letter.queue], letter.size <= limit {
            dispatch.messages.append(letter)
        } else {
            let record = make("queue", Array((attempt?.body ?? message.text).utf8), subscriber.record, now.engine)
            dispatch.failures.append(DeliveryStore.recordFailure(record, reason: reason, failedAt: now.wall))
        }
    }

    /// Why a message does not go into its subscriber's queue; nil when it does.
    private func refusal(
        of message: TopicMessage, _ outgoing: OutgoingMessage?, _ subscriber: TopicSubscriber, _ queues: [QueueName: Int]
    ) -> String? {
        guard let outgoing, let limit = queues[outgoing.queue] else { return "The queue \(subscriber.record.endpoint) does not exist." }
        if subscriber.isRaw, message.attributes.count > DeliveryComposer.rawAttributeLimit {
            return "A message to a queue has \(DeliveryComposer.rawAttributeLimit) attributes at most."
        }
        return outgoing.size <= limit ? nil : "The message is longer than the queue allows, \(limit) bytes."
    }

    /// Message attributes of a raw message at most (SNS Developer Guide, "Amazon SNS raw message delivery").
    private static let rawAttributeLimit = 10
    /// By which SQS knows SNS as a sender.
    private static let senderID = "AIDAIT2UOQQY3AUEKVGXU"

    /// The message of a queue: the envelope, or the message alone with its attributes. FIFO queues keep group and deduplication id.
    private func message(
        _ message: TopicMessage, to queue: QueueName, _ subscriber: TopicSubscriber, _ sequenceNumber: String?
    ) -> OutgoingMessage {
        let text = message.text(for: .sqs)
        var outgoing = OutgoingMessage(
            queue: queue,
            body: subscriber.isRaw
                ? text : envelope(subscriber.record).notification(message, text: text, sequenceNumber: sequenceNumber),
            senderID: DeliveryComposer.senderID)
        if subscriber.isRaw {
            outgoing.attributes = message.attributes.prefix(DeliveryComposer.rawAttributeLimit).map(\.ofQueue)
        }
        outgoing.groupID = message.groupID
        if queue.isFIFO { outgoing.deduplicationID = message.deduplicationKey }
        return outgoing
    }

    /// The delivery of a message to a confirmed subscription of any other protocol than `sqs`.
    private func delivery(
        of message: TopicMessage, _ way: SubscriptionProtocol, to subscriber: TopicSubscriber, topic fanout: TopicFanout, now: Timestamp
    ) -> DeliveryRecord? {
        let record = subscriber.record
        let topic = fanout.topic
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
            var headers = headers(.notification, messageID: message.id, envelope)
            headers.append(.init("x-amz-sns-subscription-arn", envelope.subscriptionARN))
            if subscriber.isRaw { headers.append(.init("x-amz-sns-rawdelivery", "true")) }
            let content = subscriber.isRaw ? text : envelope.notification(message, text: text)
            return webhook(record, topic, headers, content: content, now)
        case .lambda:
            let invocation = FunctionDelivery(functionARN: record.endpoint, payload: envelope.event(message, text: text))
            return make(FunctionDelivery.kind, invocation.encoded, record, now)
        case .sqs:
            return nil
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
        case .lambda, .sqs:
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
