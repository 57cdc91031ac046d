import AWSProtocols
package import Engine
import JSONCore
package import Logging
package import ObjectStorage
import StatesInterpreter
package import Store
import Synchronization
package import TimeSource

/// Writes the news of objects with the change itself, in one transaction: messages into queues, deliveries for functions, topics and the
/// event bus. So nothing is told that did not happen, and nothing that happened is left untold.
package final class ObjectAnnouncer: ObjectCommitter {
    /// What is told of the changes of one commit.
    private struct News {
        var messages: [OutgoingMessage] = []
        var deliveries: [DeliveryRecord] = []
    }

    private struct Known {
        /// By the numbers of buckets.
        var settings: [Int64: NotificationSettings] = [:]
        /// Grows with each change of settings, so that what was read before is not remembered after.
        var changes = 0
    }

    private static let rememberedBuckets = 10_000

    private let database: any Database
    private let queues: any QueueSender
    private let ownEvents: OwnEvents
    private let clock: EngineClock
    private let identifiers: IdentifierSource
    private let logger: Logger
    private let known = Mutex(Known())
    /// Set once, before requests are taken.
    private let offer = Mutex<(@Sendable ([DeliveryRecord]) -> Void)?>(nil)

    /// An announcer to these queues and buses.
    package init(
        database: any Database, queues: any QueueSender, ownEvents: OwnEvents, clock: EngineClock, identifiers: IdentifierSource,
        logger: Logger
    ) {
        self.database = database
        self.queues = queues
        self.ownEvents = ownEvents
        self.clock = clock
        self.identifiers = identifiers
        self.logger = logger
    }

    /// Tells who takes deliveries that are committed.
    package func connect(_ deliveries: DeliveryQueue) {
        offer.withLock { $0 = { deliveries.offer($0) } }
    }

    /// One transaction: the change, messages to queues, and deliveries, which are offered after it.
    package func commit(_ statements: [Statement], _ changes: [ObjectChange], by requester: ObjectRequester) async throws {
        var news = News()
        for change in changes { collect(change, try await settings(of: change.bucket.id), by: requester, into: &news) }
        let all = statements + news.deliveries.map { DeliveryStore.add($0) }
        try await send(news.messages, with: all)
        guard !news.deliveries.isEmpty else { return }
        offer.withLock { $0 }?(news.deliveries)
    }

    /// Forgets the settings of a bucket: they were changed, durably.
    func forget(_ bucket: Int64) {
        known.withLock { known in
            known.settings[bucket] = nil
            known.changes += 1
        }
    }

    // MARK: Parts

    private func settings(of bucket: Int64) async throws -> NotificationSettings {
        let (remembered, changes) = known.withLock { ($0.settings[bucket], $0.changes) }
        if let remembered { return remembered }
        let stored = try await database.read {
            try BucketStore.setting(BucketSetting.notifications.rawValue, of: bucket, in: $0)
        }
        let settings =
            try stored.map { stored in try NotificationSettings(BucketSetting.value(stored).structure ?? [:]) } ?? NotificationSettings()
        known.withLock { known in
            guard known.changes == changes else { return }
            if known.settings.count >= ObjectAnnouncer.rememberedBuckets { known.settings = [:] }
            known.settings[bucket] = settings
        }
        return settings
    }

    private func collect(
        _ change: ObjectChange, _ settings: NotificationSettings, by requester: ObjectRequester, into news: inout News
    ) {
        for entry in settings.entries where entry.wants(change.kind.rawValue, change.key) {
            let message = ObjectEventRecord.message(change, entry, by: requester)
            switch entry.kind {
            case .queue:
                guard let queue = QueueName(arn: entry.arn), queues.exists(queue) else { continue }
                news.messages.append(OutgoingMessage(queue: queue, body: JSONWriter.text(of: message), senderID: change.bucket.account))
            case .function:
                news.deliveries.append(
                    delivery(
                        FunctionDelivery.kind, FunctionDelivery(functionARN: entry.arn, payload: JSONWriter.bytes(of: message)).encoded,
                        change.bucket.account))
            case .topic:
                news.deliveries.append(
                    delivery(
                        ObjectTopicPerformer.kind, ObjectTopicPerformer.body(topic: entry.arn, message: message), change.bucket.account))
            }
        }
        if settings.toEventBridge {
            news.deliveries += ownEvents.record(
                change.kind.ownEvent, account: change.bucket.account,
                resources: ["arn:aws:s3:::\(change.bucket.name)"]
            ) { ObjectEventRecord.detail(change, by: requester) }
        }
    }

    private func delivery(_ kind: String, _ body: [UInt8], _ account: String) -> DeliveryRecord {
        DeliveryRecord(id: identifiers.orderedUUID(), account: account, kind: kind, createdAt: clock.now.engine, body: body)
    }

    /// Applies the change with its messages. A queue that does not take one, or is gone, is passed by: the change itself must not fail of it.
    private func send(_ messages: [OutgoingMessage], with statements: [Statement]) async throws {
        guard !messages.isEmpty else {
            try await database.apply(statements)
            return
        }
        do throws(QueueError) {
            _ = try await queues.send(messages, with: statements)
        } catch {
            if case .store(let failure) = error { throw failure }
            guard let queue = error.queue else {
                throw StoreError(.unavailable, detail: "the queues take no messages: \(error)")
            }
            logger.warning(
                "a queue did not take the news of an object", metadata: ["queue": "\(queue.name)", "error": "\(error)"])
            try await send(messages.filter { $0.queue != queue }, with: statements)
        }
    }
}

extension QueueError {
    /// The queue that refused; nil when the error names none.
    fileprivate var queue: QueueName? {
        switch self {
        case .queueDoesNotExist(let queue), .missingGroupID(let queue), .missingDeduplicationID(let queue), .delayNotAllowed(let queue),
            .messageTooLong(let queue, _), .overLimit(let queue):
            queue
        default: nil
        }
    }
}
