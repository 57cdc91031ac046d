import Engine
import Foundation
import Integrations
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
    /// The S3 that objects are handed over to; nil when they are kept here.
    let remote: RemoteObjects?

    init(core: ServerCore, queues: any QueueSender, ownEvents: OwnEvents, clock: EngineClock) async throws {
        remote = core.settings.objectStore.map {
            RemoteObjects(configuration: $0, catalogue: core.catalogue, clock: core.clock)
        }
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

extension ObjectParts {
    /// Where Map states read their items and write their results.
    func store(region: String) -> any ObjectStore {
        remote ?? MapRunObjects(repository: repository, region: region)
    }
}

extension ServerParts {
    /// The S3 operations.
    mutating func addObjects(_ publisher: TopicPublisher, deliveries: DeliveryQueue) {
        objects.announcer.connect(deliveries)
        objects.topics.connect(publisher)
        services.append(objects.repository)
        if let remote = objects.remote {
            remote.register(in: &registry)
            services.append(remote)
            return
        }
        ObjectService(
            repository: objects.repository,
            destinations: ObjectNotificationDestinations(
                announcer: objects.announcer, database: core.database, queues: queues, publisher: publisher, clock: core.clock,
                identifiers: core.identifiers)
        ).register(in: &registry)
    }
}
