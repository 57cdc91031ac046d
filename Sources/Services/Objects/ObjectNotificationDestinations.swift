import AWSProtocols
package import Engine
import JSONCore
import ObjectStorage
package import Store
package import TimeSource

/// Where notifications of buckets may go: looks whether a destination is there, and tells it that it is one now.
package struct ObjectNotificationDestinations: Sendable {
    /// Remembers what buckets tell whom.
    let announcer: ObjectAnnouncer
    private let database: any Database
    private let queues: any QueueSender
    private let publisher: TopicPublisher
    private let clock: any ClockSource
    /// Names configurations that have no id.
    let identifiers: IdentifierSource

    /// Destinations in this server.
    package init(
        announcer: ObjectAnnouncer, database: any Database, queues: any QueueSender, publisher: TopicPublisher, clock: any ClockSource,
        identifiers: IdentifierSource
    ) {
        self.announcer = announcer
        self.database = database
        self.queues = queues
        self.publisher = publisher
        self.clock = clock
        self.identifiers = identifiers
    }

    /// Checks that each destination is there, and sends queues and topics the test message, as S3 does.
    func check(_ settings: NotificationSettings, bucket: String, _ context: RequestContext) async throws {
        var problems: APIStructure = [:]
        for entry in settings.entries {
            guard let problem = try await problem(entry, context) else { continue }
            let number = problems.count / 2 + 1
            problems["ArgumentName\(number)"] = .string(entry.arn)
            problems["ArgumentValue\(number)"] = .string(problem)
        }
        guard problems.isEmpty else {
            throw APIError(
                "InvalidArgument", "Unable to validate the following destination configurations", fields: problems, httpStatus: 400)
        }
        let message = JSONWriter.text(of: ObjectEventRecord.test(bucket: bucket, requestID: context.requestID, at: clock.now))
        for arn in Set(settings.entries.filter { $0.kind == .queue }.map(\.arn)) {
            guard let queue = QueueName(arn: arn) else { continue }
            do throws(QueueError) {
                _ = try await queues.send([OutgoingMessage(queue: queue, body: message, senderID: context.account)], with: [])
            } catch {
                if case .store(let failure) = error { throw failure }
                throw S3Error.invalidArgument(arn, "", "Unable to validate the following destination configurations")
            }
        }
        for arn in Set(settings.entries.filter { $0.kind == .topic }.map(\.arn)) {
            _ = try await publisher.publish(
                account: context.account, topicARN: arn, subject: "Amazon S3 Notification", message: message, structure: nil,
                attributes: [])
        }
    }

    /// What is wrong with a destination, in S3's words; nil when it can be told.
    private func problem(_ entry: NotificationSettings.Entry, _ context: RequestContext) async throws -> String? {
        guard let arn = ARN(entry.arn) else { return "The ARN could not be parsed" }
        guard arn.region == context.region, arn.account == context.account else {
            return "The destination must be in the region and account of the bucket"
        }
        switch entry.kind {
        case .queue:
            guard let queue = QueueName(arn: entry.arn), queues.exists(queue) else { return "The destination queue does not exist" }
            return queue.name.hasSuffix(".fifo") ? "FIFO SQS queues are not supported" : nil
        case .topic:
            let topic = try await database.read { try TopicStore.find(name: arn.resource, account: arn.account, in: $0) }
            if arn.service != "sns" || topic == nil { return "The destination topic does not exist" }
            return arn.resource.hasSuffix(".fifo") ? "FIFO SNS topics are not supported" : nil
        case .function:
            guard arn.service == "lambda",
                let reference = try? FunctionReference(entry.arn, account: context.account, region: context.region)
            else { return "The ARN is not a valid function ARN" }
            let function = try await database.read { try FunctionStore.find(name: reference.name, account: arn.account, in: $0) }
            return function == nil ? "The destination Lambda does not exist" : nil
        }
    }
}

extension ObjectService {
    /// PutBucketNotificationConfiguration: replaces the whole configuration; durable before new changes see it.
    @Sendable func putNotifications(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Bucket")
        let bucket = try await repository.bucket(name, account: context.account)
        var configuration = input.structure("NotificationConfiguration") ?? [:]
        for kind in NotificationSettings.Kind.allCases {
            guard let items = configuration.list(kind.rawValue) else { continue }
            configuration[kind.rawValue] = .list(items.map { ObjectService.withNamedRules(withID($0)) })
        }
        let settings = try NotificationSettings(configuration)
        if input.bool("SkipDestinationValidation") != true { try await destinations.check(settings, bucket: name, context) }
        try await repository.set(
            BucketSetting.notifications.rawValue, to: settings.isEmpty ? nil : BucketSetting.stored(.structure(configuration)), of: name,
            account: context.account)
        destinations.announcer.forget(bucket.id)
        return [:]
    }

    /// GetBucketNotificationConfiguration.
    @Sendable func notifications(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        guard let stored = try await setting(.notifications, input, context) else { return [:] }
        return BucketSetting.value(stored).structure ?? [:]
    }

    /// A destination's configuration with the names of its filter's rules as S3 gives them back, however they came.
    private static func withNamedRules(_ item: APIValue) -> APIValue {
        guard var members = item.structure, let rules = members.structure("Filter")?.structure("Key")?.structures("FilterRules") else {
            return item
        }
        let named = rules.map { rule -> APIValue in
            var rule = rule
            switch rule.string("Name")?.lowercased() {
            case "prefix": rule["Name"] = "Prefix"
            case "suffix": rule["Name"] = "Suffix"
            default: break
            }
            return .structure(rule)
        }
        members["Filter"] = ["Key": ["FilterRules": .list(named)]]
        return .structure(members)
    }

    /// A destination's configuration with an id, which S3 makes where there is none.
    private func withID(_ item: APIValue) -> APIValue {
        guard var members = item.structure, (members.string("Id") ?? "").isEmpty else { return item }
        members["Id"] = .string(destinations.identifiers.uuid())
        return .structure(members)
    }
}
