import AWSProtocols
package import Engine
import JSONCore
package import Store
package import TimeSource

/// Topics and their subscriptions: the operations of Amazon SNS.
package final class TopicService: Sendable {
    let database: any Database
    let publisher: TopicPublisher
    let deliveries: DeliveryQueue
    let clock: EngineClock
    let identifiers: IdentifierSource
    let region: String

    /// Entries of a page (SNS API Reference, ListTopics).
    static let pageSize = 100
    /// How often a change is tried again when another request was faster.
    static let raceAttempts = 3

    /// A service over the store.
    package init(
        database: any Database, publisher: TopicPublisher, deliveries: DeliveryQueue, clock: EngineClock,
        identifiers: IdentifierSource, region: String
    ) {
        self.database = database
        self.publisher = publisher
        self.deliveries = deliveries
        self.clock = clock
        self.identifiers = identifiers
        self.region = region
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        func add(_ operation: String, partial: String? = nil, unsigned: Bool = false, _ handler: @escaping OperationHandler) {
            // SNS answers InvalidParameter in its own words, also for the few constraints that its model has.
            let options = OperationOptions(
                skipModelConstraints: ["ResourceArn", "TopicArn", "Tags"], partial: partial, allowsUnsigned: unsigned)
            registry.register(service: "sns", operation: operation, options: options, handler: handler)
        }
        add("CreateTopic", partial: "no archives of messages", create)
        add("DeleteTopic", delete)
        add("ListTopics", list)
        add("GetTopicAttributes", getAttributes)
        add("SetTopicAttributes", partial: "`Policy`, encryption, tracing and feedback settings are stored, not acted on", setAttributes)
        add("Subscribe", partial: "email, email-json, http, https, lambda and sqs", subscribe)
        add("ConfirmSubscription", unsigned: true, confirm)
        add("Unsubscribe", partial: "no final cancellation message", unsigned: true, unsubscribe)
        add("ListSubscriptions", listSubscriptions)
        add("ListSubscriptionsByTopic", listSubscriptionsByTopic)
        add("GetSubscriptionAttributes", getSubscriptionAttributes)
        add("SetSubscriptionAttributes", partial: "no `ReplayPolicy`", setSubscriptionAttributes)
        let unsigned = "messages carry no `Signature`; topics only, no phone numbers or mobile endpoints"
        add("Publish", partial: unsigned, publish)
        add("PublishBatch", partial: unsigned, publishBatch)
        add("AddPermission", partial: "stored and returned, not evaluated", addPermission)
        add("RemovePermission", removePermission)
        add("TagResource", tag)
        add("UntagResource", untag)
        add("ListTagsForResource", listTags)
    }

    /// The name in an ARN, which must be one of the caller's own topics. Unsigned callers have no account: theirs is the ARN's.
    func topicName(
        _ arn: String, parameter: String = "TopicArn", _ action: String, _ context: RequestContext
    ) throws(APIError) -> TopicName {
        let name = try TopicName(arn: arn, parameter: parameter, region: region)
        guard name.account == context.account || context.principal == .anonymous else {
            throw SNSError.notAuthorized(context, action, on: arn)
        }
        return name
    }

    /// The topic of a name.
    func topic(_ name: TopicName) async throws -> TopicRecord {
        let record = try await database.read { try TopicStore.find(name: name.name, account: name.account, in: $0) }
        guard let record else { throw SNSError.topicNotFound() }
        return record
    }

    /// Runs `body` again when another request was faster; `.conflict` is what the store answers then.
    func retryingRaces<Value>(_ body: () async throws -> Value) async throws -> Value {
        for _ in 1..<TopicService.raceAttempts {
            do {
                return try await body()
            } catch let error as StoreError where error.code == .conflict {}
        }
        do {
            return try await body()
        } catch let error as StoreError {
            throw error.apiError
        }
    }

    /// The position of a page's token.
    func position(_ token: String?, operation: String, scope: String = "") throws(APIError) -> String {
        guard let token, !token.isEmpty else { return "" }
        do throws(PageToken.Fault) {
            guard let text = try PageToken.position(in: token, operation: operation, scope: scope).text else { throw .malformed }
            return text
        } catch {
            throw SNSError.invalidParameter("NextToken")
        }
    }

    @Sendable private func create(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        let topic = TopicName(account: context.account, name: name)
        let asksForFIFO = input.stringMap("Attributes").contains { $0.0 == "FifoTopic" && $0.1 == "true" }
        guard !asksForFIFO || (topic.isFIFO && TopicName.isValid(name)) else {
            throw SNSError.invalidParameter(
                "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long."
            )
        }
        guard TopicName.isValid(name), !topic.isFIFO || asksForFIFO else { throw SNSError.invalidParameter("Topic Name") }
        for (name, value) in input.stringMap("Attributes") { try TopicAttributes.check(name, value, of: topic, inList: true) }
        let attributes = AttributeTable(input.stringMap("Attributes"))
        let tags = try TopicTags.parse(input.structures("Tags"))
        let arn = topic.arn(region: region)
        return try await retryingRaces {
            let (known, knownTags) = try await self.database.read { transaction in
                (
                    try TopicStore.find(name: name, account: context.account, in: transaction),
                    try TagStore.tags(of: arn, account: context.account, in: transaction).map { [$0.key, $0.value] }
                )
            }
            if let known {
                let set = AttributeTable(stored: known.attributes)
                guard attributes.entries.allSatisfy({ set[$0.0] == $0.1 }) else {
                    throw SNSError.invalidParameter("Attributes Reason: Topic already exists with different attributes")
                }
                guard input["Tags"] == nil || Set(knownTags) == Set(tags.map { [$0.key, $0.value] }) else {
                    throw SNSError.invalidParameter("Tags Reason: Topic already exists with different tags")
                }
            } else {
                defer { self.publisher.forget(topic) }
                let record = TopicRecord(
                    id: self.identifiers.orderedUUID(), account: context.account, name: name, attributes: attributes.encoded,
                    createdAt: context.receivedAt)
                try await self.database.apply(
                    [TopicStore.create(record)] + tags.map { TagStore.set($0.key, to: $0.value, of: arn, account: context.account) })
            }
            return ["TopicArn": .string(arn)]
        }
    }

    @Sendable private func delete(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let arn = try input.requiredString("TopicArn")
        let name = try topicName(arn, "DeleteTopic", context)
        let record = try await database.read { try TopicStore.find(name: name.name, account: name.account, in: $0) }
        // Deleting what is not there succeeds, as on AWS.
        guard let record else { return [:] }
        defer { publisher.forget(name) }
        try await retryingRaces {
            _ = try await self.database.apply(TopicStore.delete(record) + [TagStore.removeAll(of: arn, account: name.account)])
        }
        return [:]
    }

    @Sendable private func list(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let after = try position(input.string("NextToken"), operation: "ListTopics")
        let records = try await database.read {
            try TopicStore.list(account: context.account, after: after, limit: TopicService.pageSize + 1, in: $0)
        }
        let page = records.prefix(TopicService.pageSize)
        var output: APIStructure = [
            "Topics": .list(
                page.map { ["TopicArn": .string(TopicName(account: $0.account, name: $0.name).arn(region: region))] })
        ]
        if records.count > page.count, let last = page.last {
            output["NextToken"] = .string(PageToken(operation: "ListTopics", position: .text(last.name)).text)
        }
        return output
    }

    @Sendable private func getAttributes(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try topicName(input.requiredString("TopicArn"), "GetTopicAttributes", context)
        let (record, counts) = try await database.read { transaction in
            guard let record = try TopicStore.find(name: name.name, account: name.account, in: transaction) else {
                throw SNSError.topicNotFound()
            }
            return (record, try SubscriptionStore.counts(topic: record.id, in: transaction))
        }
        return ["Attributes": TopicAttributes.shown(record, counts: counts, region: region)]
    }

    @Sendable private func setAttributes(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try topicName(input.requiredString("TopicArn"), "SetTopicAttributes", context)
        let attribute = try input.requiredString("AttributeName")
        let value = input.string("AttributeValue") ?? ""
        try TopicAttributes.check(attribute, value, of: name, inList: false)
        defer { publisher.forget(name) }
        return try await retryingRaces {
            let record = try await self.topic(name)
            var attributes = AttributeTable(stored: record.attributes)
            attributes[attribute] = value
            try await self.database.apply([TopicStore.setAttributes(attributes.encoded, of: record)])
            return [:]
        }
    }
}
