package import AWSProtocols
package import Engine
package import Logging
import StatesInterpreter
package import Store
package import TimeSource

/// Publishes messages: for the operation, and for other parts of the server.
///
/// A message is accepted when it is in every queue that subscribes to the topic, and a delivery row is durable for each other
/// subscription that wants it: in one transaction. `DeliveryQueue` does the rest.
package final class TopicPublisher: Sendable {
    /// How long FIFO topics remember a message (SNS Developer Guide, "Message deduplication for FIFO topics").
    private static let deduplicationInterval = Duration.seconds(300)

    /// How often a publication is tried again when another one was faster.
    private static let raceAttempts = 5

    private let database: any Database
    private let queues: any QueueSender
    private let deliveries: DeliveryQueue
    private let clock: EngineClock
    private let identifiers: IdentifierSource
    private let region: String
    private let logger: Logger
    private let directory: TopicDirectory
    private let turns = TopicTurns()
    private let sequence = TopicSequence()

    /// A publisher that hands its messages to queues and its deliveries to their queue.
    package init(
        database: any Database, queues: any QueueSender, deliveries: DeliveryQueue, clock: EngineClock, identifiers: IdentifierSource,
        region: String, logger: Logger
    ) {
        self.database = database
        self.queues = queues
        self.deliveries = deliveries
        self.clock = clock
        self.identifiers = identifiers
        self.region = region
        self.logger = logger
        directory = TopicDirectory(database: database, logger: logger)
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
        return try await publish([message], to: topic, dedupeKey: dedupeKey)[0].id
    }

    /// Publishes messages to a topic of the caller's account, all or none. Those that a FIFO topic took before are answered as then.
    /// - Parameter dedupeKey: of a single message only.
    func publish(_ messages: [TopicMessage], to name: TopicName, dedupeKey: String? = nil) async throws(APIError) -> [PublishedMessage] {
        do {
            if let dedupeKey, let earlier = try await earlier(dedupeKey) { return [earlier] }
            if name.isFIFO {
                return try await turns.take(name, groups: Set(messages.compactMap(\.groupID))) {
                    try await self.publishInOrder(messages, to: name, dedupeKey: dedupeKey)
                }
            }
            return try await dispatch(to: name) { fanout, queues, now in
                for message in messages { try message.check(for: name, isContentBased: false) }
                var dispatch = TopicDispatch()
                for message in messages { self.add(message, fanout, nil, queues, now, to: &dispatch) }
                let published = messages.map { PublishedMessage(id: $0.id) }
                return (published, dispatch, self.inbox(dedupeKey, published))
            }
        } catch let error as APIError {
            throw error
        } catch let error as StoreError {
            // The same request was applied between look and commit.
            if error.code == .conflict, let dedupeKey, let earlier = try? await self.earlier(dedupeKey) { return [earlier] }
            throw error.apiError
        } catch let error as QueueError {
            throw error.apiError()
        } catch {
            throw .internalFailure()
        }
    }

    /// Forgets what is remembered of a topic: it or its subscriptions were changed, durably.
    func forget(_ topic: TopicName) {
        directory.forget(topic)
    }

    // MARK: - FIFO topics

    /// As `publish`, in the groups' turn; again when another group published a duplicate between look and commit.
    private func publishInOrder(
        _ messages: [TopicMessage], to name: TopicName, dedupeKey: String?
    ) async throws -> [PublishedMessage] {
        for _ in 1..<TopicPublisher.raceAttempts {
            do {
                return try await publishOnce(messages, to: name, dedupeKey: dedupeKey)
            } catch let error as StoreError where error.code == .conflict {
                if let dedupeKey, let earlier = try await earlier(dedupeKey) { return [earlier] }
            }
        }
        return try await publishOnce(messages, to: name, dedupeKey: dedupeKey)
    }

    private func publishOnce(
        _ messages: [TopicMessage], to name: TopicName, dedupeKey: String?
    ) async throws -> [PublishedMessage] {
        guard let topic = try await directory.fanout(of: name) else { throw SNSError.topicNotFound() }
        for message in messages { try message.check(for: name, isContentBased: topic.isContentBased) }
        var known = try await remembered(messages.map { topic.deduplicationKey(of: $0) }, of: topic)
        return try await dispatch(to: name) { fanout, queues, now in
            var dispatch = TopicDispatch()
            var statements: [Statement] = []
            var published: [PublishedMessage] = []
            for message in messages {
                let key = fanout.deduplicationKey(of: message)
                if let earlier = known[key] {
                    published.append(earlier)
                    continue
                }
                let number = self.sequence.next(now.engine)
                let entry = PublishedMessage(id: message.id, sequenceNumber: number)
                statements += TopicDeduplicationStore.record(
                    .init(messageID: message.id, sequenceNumber: number), key: key, topic: fanout.topic.id, now: now.engine,
                    until: now.engine + TopicPublisher.deduplicationInterval)
                self.add(message, fanout, number, queues, now, to: &dispatch)
                published.append(entry)
                known[key] = entry
            }
            return (published, dispatch, self.inbox(dedupeKey, published) + statements)
        }
    }

    private func remembered(_ keys: [String], of topic: TopicFanout) async throws -> [String: PublishedMessage] {
        let now = clock.now.engine
        return try await database.read { transaction in
            var known: [String: PublishedMessage] = [:]
            for key in keys {
                guard let entry = try TopicDeduplicationStore.find(key: key, topic: topic.topic.id, now: now, in: transaction) else {
                    continue
                }
                known[key] = PublishedMessage(id: entry.messageID, sequenceNumber: entry.sequenceNumber)
            }
            return known
        }
    }

    // MARK: - Shared

    private typealias Composed = (published: [PublishedMessage], dispatch: TopicDispatch, statements: [Statement])

    /// Composes a publication and applies it whole; again when a queue does not take it, which is then passed by.
    private func dispatch(
        to name: TopicName, _ compose: (TopicFanout, [QueueName: Int], Instants) throws -> Composed
    ) async throws -> [PublishedMessage] {
        guard let fanout = try await directory.fanout(of: name) else { throw SNSError.topicNotFound() }
        // How many bytes a message of each queue may have, as far as a queue has said.
        var limits: [QueueName: Int] = [:]
        for queue in fanout.queues where queues.exists(queue) { limits[queue] = .max }
        for _ in 0...2 * fanout.queues.count {
            let composed = try compose(fanout, limits, clock.now)
            let statements = composed.statements + composed.dispatch.statements
            do {
                if !composed.dispatch.messages.isEmpty {
                    _ = try await queues.send(composed.dispatch.messages, with: statements)
                } else if !statements.isEmpty {
                    try await database.apply(statements)
                }
                deliveries.offer(composed.dispatch.deliveries)
                return composed.published
            } catch let error as QueueError {
                switch error {
                case .queueDoesNotExist(let queue): limits[queue] = nil
                case .messageTooLong(let queue, let limit): limits[queue] = limit
                case .store(let error): throw error
                default: throw error
                }
            }
        }
        throw APIError.serviceUnavailable("The topic's queues are being changed.", retryAfterSeconds: 1)
    }

    private func add(
        _ message: TopicMessage, _ fanout: TopicFanout, _ sequenceNumber: String?, _ queues: [QueueName: Int], _ now: Instants,
        to dispatch: inout TopicDispatch
    ) {
        let composer = DeliveryComposer(region: region, identifiers: identifiers)
        for subscriber in fanout.subscribers where subscriber.wants(message) {
            composer.add(
                message, to: subscriber, topic: fanout, sequenceNumber: sequenceNumber, queues: queues, now: now, into: &dispatch)
        }
    }

    /// Remembers a request's answer under the caller's key.
    private func inbox(_ dedupeKey: String?, _ published: [PublishedMessage]) -> [Statement] {
        guard let dedupeKey, let message = published.first else { return [] }
        return [InboxStore.record(dedupeKey, result: message.encoded, at: clock.now.wall)]
    }

    private func earlier(_ dedupeKey: String) async throws -> PublishedMessage? {
        try await database.read { try InboxStore.result(of: dedupeKey, in: $0) }.map { PublishedMessage(encoded: $0) }
    }
}
