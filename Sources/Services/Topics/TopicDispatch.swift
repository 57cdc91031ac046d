import Engine
import Store

/// What a publication does, in one transaction: messages into queues, deliveries to everything else, and what could not be delivered.
struct TopicDispatch: Sendable {
    /// Messages for queues, those for dead-letter queues included.
    var messages: [OutgoingMessage] = []
    /// Deliveries of mails, webhooks and invocations.
    var deliveries: [DeliveryRecord] = []
    /// Notes what is lost: the queue of its subscription is gone, and there is none for dead letters.
    var failures: [Statement] = []

    /// Everything but the messages.
    var statements: [Statement] { deliveries.map { DeliveryStore.add($0) } + failures }
}
