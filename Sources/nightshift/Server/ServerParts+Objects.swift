import Engine
import Foundation
import ObjectStorage
import Services

/// The objects of this server: what S3's operations, Map states and buckets' notifications share.
struct ObjectParts {
    /// Buckets and objects.
    let repository: ObjectRepository
    /// Tells of changes.
    let announcer: ObjectAnnouncer
    /// Takes the news of objects to topics.
    let topics = ObjectTopicPerformer()

    init(core: ServerCore, queues: any QueueSender, ownEvents: OwnEvents, clock: EngineClock) async throws {
        announcer = ObjectAnnouncer(
            database: core.database, queues: queues, ownEvents: ownEvents, clock: clock, identifiers: core.identifiers,
            logger: core.logger("objects"))
        repository = ObjectRepository(
            files: try await ObjectFiles.open(
                directory: core.directory.path(BackupSources.objects), digestThreads: ProcessInfo.processInfo.activeProcessorCount,
                random: core.random),
            database: core.database, committer: announcer, clock: core.clock, identifiers: core.identifiers, random: core.random,
            logger: core.logger("objects"))
    }
}

extension ServerParts {
    /// The S3 operations.
    mutating func addObjects(_ publisher: TopicPublisher, deliveries: DeliveryQueue) {
        objects.announcer.connect(deliveries)
        objects.topics.connect(publisher)
        ObjectService(
            repository: objects.repository,
            destinations: ObjectNotificationDestinations(
                announcer: objects.announcer, database: core.database, queues: queues, publisher: publisher, clock: core.clock,
                identifiers: core.identifiers)
        ).register(in: &registry)
        services.append(objects.repository)
    }
}
