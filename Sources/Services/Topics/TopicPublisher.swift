package import AWSProtocols
package import Engine
import EventPatterns
package import Logging
import StatesInterpreter
package import Store
package import TimeSource

/// Publishes messages: for the operation, and for other parts of the server (tasks of executions, targets of rules).
///
/// A message is accepted when its deliveries are durable, one row for each subscription that wants it; `DeliveryQueue` does the rest.
package final class TopicPublisher: Sendable {
    private let database: any Database
    private let deliveries: DeliveryQueue
    private let clock: EngineClock
    private let identifiers: IdentifierSource
    private let region: String
    private let logger: Logger

    /// A publisher that hands its deliveries to a queue.
    package init(
        database: any Database, deliveries: DeliveryQueue, clock: EngineClock, identifiers: IdentifierSource, region: String,
        logger: Logger
    ) {
        self.database = database
        self.deliveries = deliveries
        self.clock = clock
        self.identifiers = identifiers
        self.region = region
        self.logger = logger
    }

    /// Publishes for another part of the server.
    ///
    /// - Parameters:
    ///   - account: on whose behalf; the topic must be its own.
    ///   - structure: `json` when `message` has a text for each protocol.
    ///   - messageID: the id to give the message, nil for a new one.
    ///   - dedupeKey: the same at each repetition of this request: it is applied once, and later ones get the first answer (core
    ///     rule 1). nil when nobody repeats it.
    /// - Returns: the `MessageId`.
    package func publish(
        account: String, topicARN: String, subject: String?, message: String, structure: String?, attributes: [MessageAttribute],
        messageID: String? = nil, dedupeKey: String? = nil
    ) async throws(APIError) -> String {
        let topic = try TopicName(arn: topicARN, region: region)
        guard topic.account == account else { throw SNSError.topicNotFound() }
        let message = try TopicMessage(
            id: messageID ?? identifiers.uuid(), subject: subject, message: message, structure: structure, attributes: attributes,
            publishedAt: clock.now.wall)
        return try await publish([message], to: topic, dedupeKey: dedupeKey)[0]
    }

    /// Publishes messages to a topic of the caller's account, all or none, and answers their ids.
    func publish(_ messages: [TopicMessage], to name: TopicName, dedupeKey: String? = nil) async throws(APIError) -> [String] {
        do {
            let (earlier, found) = try await look(name, dedupeKey)
            if let earlier { return [earlier] }
            guard let found else { throw SNSError.topicNotFound() }
            let records = compose(messages, found)
            var batch = records.map { DeliveryStore.add($0) }
            if let dedupeKey, let message = messages.first {
                batch.insert(InboxStore.record(dedupeKey, result: Array(message.id.utf8), at: clock.now.wall), at: 0)
            }
            if !batch.isEmpty { try await database.apply(batch) }
            deliveries.offer(records)
            return messages.map(\.id)
        } catch let error as StoreError where error.code == .conflict {
            // The same request was applied between look and commit.
            if let dedupeKey, let earlier = try await self.earlier(dedupeKey) { return [earlier] }
            throw error.apiError
        } catch let error as StoreError {
            throw error.apiError
        } catch let error as APIError {
            throw error
        } catch {
            throw .internalFailure()
        }
    }

    private struct Found: Sendable {
        let topic: TopicRecord
        let subscriptions: [SubscriptionRecord]
    }

    private func look(_ name: TopicName, _ dedupeKey: String?) async throws -> (earlier: String?, found: Found?) {
        try await database.read { transaction in
            if let dedupeKey, let result = try InboxStore.result(of: dedupeKey, in: transaction) {
                return (String(decoding: result, as: UTF8.self), nil)
            }
            guard let topic = try TopicStore.find(name: name.name, account: name.account, in: transaction) else { return (nil, nil) }
            return (nil, Found(topic: topic, subscriptions: try SubscriptionStore.confirmed(topic: topic.id, in: transaction)))
        }
    }

    private func earlier(_ dedupeKey: String) async throws(APIError) -> String? {
        do {
            return try await database.read { try InboxStore.result(of: dedupeKey, in: $0) }.map { String(decoding: $0, as: UTF8.self) }
        } catch {
            throw (error as? StoreError)?.apiError ?? .internalFailure()
        }
    }

    private func compose(_ messages: [TopicMessage], _ found: Found) -> [DeliveryRecord] {
        let composer = DeliveryComposer(region: region, identifiers: identifiers)
        let now = clock.now.engine
        var records: [DeliveryRecord] = []
        for subscription in found.subscriptions {
            let filter = filter(of: subscription)
            for message in messages where filter?.accepts(attributes: message.attributes.map(\.filtered), body: message.text) ?? true {
                if let record = composer.delivery(of: message, to: subscription, topic: found.topic, now: now) { records.append(record) }
            }
        }
        return records
    }

    private func filter(of subscription: SubscriptionRecord) -> FilterPolicy? {
        do throws(EventPatternError) {
            return try SubscriptionAttributes.filterPolicy(AttributeTable(stored: subscription.attributes))
        } catch {
            // It was checked when it was set, so another version wrote it: a message too many is better than one that is lost.
            logger.error(
                "a filter policy cannot be read; the message is delivered",
                metadata: ["subscription": "\(subscription.id)", "reason": "\(error.reason)"])
            return nil
        }
    }
}
