import AWSProtocols
import Engine
import JSONCore
import StatesInterpreter
import Store
import TimeSource

extension TopicService {
    /// How long a token confirms (SNS API Reference, ConfirmSubscription).
    static let tokenValidity = Duration.seconds(3 * 86_400)

    private static let pendingARN = "pending confirmation"

    @Sendable func subscribe(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try topicName(input.requiredString("TopicArn"), "Subscribe", context)
        let way = try SubscriptionProtocol(parsing: input.requiredString("Protocol"))
        guard let endpoint = input.string("Endpoint"), !endpoint.isEmpty else { throw SNSError.invalidParameter("Endpoint") }
        try way.check(endpoint: endpoint, of: name)
        let attributes = try SubscriptionAttributes.checked(input.stringMap("Attributes"), of: name, endpoint: endpoint)
        defer { publisher.forget(name) }
        let returnsARN = input.bool("ReturnSubscriptionArn") ?? false
        let record = try await retryingRaces {
            let topic = try await self.topic(name)
            let known = try await self.database.read {
                try SubscriptionStore.find(endpoint: endpoint, protocol: way.rawValue, topic: topic.id, in: $0)
            }
            guard let known else {
                return try await self.create(way, endpoint, attributes, of: topic, context)
            }
            let set = AttributeTable(stored: known.attributes)
            guard attributes.entries.allSatisfy({ set[$0.0] == $0.1 }) else {
                throw SNSError.invalidParameter("Attributes Reason: Subscription already exists with different attributes")
            }
            if known.state == .pending { try await self.askAgain(known, topic, context) }
            return known
        }
        let arn = SubscriptionName(record).arn(region: region)
        return ["SubscriptionArn": .string(record.state == .confirmed || returnsARN ? arn : TopicService.pendingARN)]
    }

    @Sendable func confirm(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try topicName(input.requiredString("TopicArn"), "ConfirmSubscription", context)
        let token = try input.requiredString("Token")
        guard SubscriptionToken.isPlausible(token) else { throw APIError("InvalidParameter", "Invalid token", httpStatus: 400) }
        // A token for a topic that is not there is a wrong token, as on AWS.
        let found = try await database.read { transaction -> SubscriptionRecord? in
            guard let id = SubscriptionToken.subscriptionID(in: token),
                let topic = try TopicStore.find(name: name.name, account: name.account, in: transaction)
            else { return nil }
            return try SubscriptionStore.find(id: id, topic: topic.id, in: transaction)
        }
        guard let found, let expected = found.token, SubscriptionToken.areEqual(token, expected),
            context.receivedAt < found.requestedAt + TopicService.tokenValidity
        else { throw SNSError.invalidParameter("Token") }
        if found.state == .pending {
            let wasSigned = context.principal != .anonymous
            defer { publisher.forget(name) }
            // Only who signs may ask for it: the link in a mail is open to whoever reads the mail.
            let requiresAuthentication = wasSigned && input.string("AuthenticateOnUnsubscribe")?.lowercased() == "true"
            do throws(StoreError) {
                try await database.apply([
                    SubscriptionStore.confirm(found, wasAuthenticated: wasSigned, requiresAuthentication: requiresAuthentication)
                ])
            } catch {
                throw error.code == .conflict ? SNSError.subscriptionNotFound() : error.apiError
            }
        }
        return ["SubscriptionArn": .string(SubscriptionName(found).arn(region: region))]
    }

    @Sendable func unsubscribe(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let arn = try input.requiredString("SubscriptionArn")
        let name = try SubscriptionName(arn: arn, region: region)
        let isAnonymous = context.principal == .anonymous
        guard isAnonymous || name.topic.account == context.account else {
            throw SNSError.notAuthorized(context, "Unsubscribe", on: arn)
        }
        // Ending what has ended succeeds, as on AWS.
        guard let (record, _) = try await find(name) else { return [:] }
        guard !isAnonymous || !record.requiresAuthentication else { throw SNSError.notAuthorized(context, "Unsubscribe", on: arn) }
        defer { publisher.forget(name.topic) }
        try await retryingRaces { _ = try await self.database.apply(SubscriptionStore.delete(record)) }
        return [:]
    }

    @Sendable func listSubscriptions(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let after = try position(input.string("NextToken"), operation: "ListSubscriptions")
        let records = try await database.read {
            try SubscriptionStore.list(account: context.account, after: after, limit: TopicService.pageSize + 1, in: $0)
        }
        return page(records, operation: "ListSubscriptions")
    }

    @Sendable func listSubscriptionsByTopic(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try topicName(input.requiredString("TopicArn"), "ListSubscriptionsByTopic", context)
        let topic = try await topic(name)
        let after = try position(input.string("NextToken"), operation: "ListSubscriptionsByTopic", scope: topic.id)
        let records = try await database.read {
            try SubscriptionStore.list(topic: topic.id, after: after, limit: TopicService.pageSize + 1, in: $0)
        }
        return page(records, operation: "ListSubscriptionsByTopic", scope: topic.id)
    }

    @Sendable func getSubscriptionAttributes(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let (record, topic) = try await subscription(input, "GetSubscriptionAttributes", context)
        return ["Attributes": SubscriptionAttributes.shown(record, topic: topic, region: region)]
    }

    @Sendable func setSubscriptionAttributes(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let attribute = try input.requiredString("AttributeName")
        let value = input.string("AttributeValue") ?? ""
        return try await retryingRaces {
            let (record, _) = try await self.subscription(input, "SetSubscriptionAttributes", context)
            let topic = SubscriptionName(record).topic
            defer { self.publisher.forget(topic) }
            var attributes = AttributeTable(stored: record.attributes)
            attributes[attribute] = try SubscriptionAttributes.checked(
                attribute, value, others: attributes, of: topic, endpoint: record.endpoint, inList: false)
            try await self.database.apply([SubscriptionStore.setAttributes(attributes.encoded, of: record)])
            return [:]
        }
    }

    private func create(
        _ way: SubscriptionProtocol, _ endpoint: String, _ attributes: AttributeTable, of topic: TopicRecord, _ context: RequestContext
    ) async throws -> SubscriptionRecord {
        let id = identifiers.uuid()
        let record = SubscriptionRecord(
            id: id, topic: topic.id, account: topic.account, topicName: topic.name, protocol: way.rawValue, endpoint: endpoint,
            state: way.needsConfirmation ? .pending : .confirmed,
            token: way.needsConfirmation ? SubscriptionToken.make(subscriptionID: id, identifiers) : nil,
            requestedAt: context.receivedAt, wasAuthenticated: !way.needsConfirmation, requiresAuthentication: false,
            linkBase: context.endpoint, attributes: attributes.encoded)
        let request = confirmation(of: record, topic, context)
        try await database.apply(
            [TopicStore.requirePresence(of: topic), SubscriptionStore.create(record)] + request.map { DeliveryStore.add($0) })
        deliveries.offer(request)
        return record
    }

    private func askAgain(_ record: SubscriptionRecord, _ topic: TopicRecord, _ context: RequestContext) async throws {
        let request = confirmation(of: record, topic, context)
        try await database.apply(
            [SubscriptionStore.requestAgain(record, at: context.receivedAt)] + request.map { DeliveryStore.add($0) })
        deliveries.offer(request)
    }

    private func confirmation(of record: SubscriptionRecord, _ topic: TopicRecord, _ context: RequestContext) -> [DeliveryRecord] {
        let composer = DeliveryComposer(region: region, identifiers: identifiers)
        let delivery = composer.confirmation(of: record, topic: topic, now: clock.now.engine, wall: context.receivedAt)
        return delivery.map { [$0] } ?? []
    }

    private func find(_ name: SubscriptionName) async throws -> (SubscriptionRecord, TopicRecord)? {
        try await database.read { transaction in
            guard let topic = try TopicStore.find(name: name.topic.name, account: name.topic.account, in: transaction),
                let record = try SubscriptionStore.find(id: name.id, topic: topic.id, in: transaction)
            else { return nil }
            return (record, topic)
        }
    }

    private func subscription(
        _ input: APIStructure, _ action: String, _ context: RequestContext
    ) async throws -> (SubscriptionRecord, TopicRecord) {
        let arn = try input.requiredString("SubscriptionArn")
        let name = try SubscriptionName(arn: arn, region: region)
        guard name.topic.account == context.account else { throw SNSError.notAuthorized(context, action, on: arn) }
        guard let found = try await find(name) else { throw SNSError.subscriptionNotFound() }
        return found
    }

    private func page(_ records: [SubscriptionRecord], operation: String, scope: String = "") -> APIStructure {
        let shown = records.prefix(TopicService.pageSize)
        var output: APIStructure = [
            "Subscriptions": .list(
                shown.map { record in
                    let name = SubscriptionName(record)
                    return [
                        "SubscriptionArn": .string(record.state == .pending ? "PendingConfirmation" : name.arn(region: region)),
                        "Owner": .string(record.account), "Protocol": .string(record.protocol),
                        "Endpoint": .string(SubscriptionProtocol.shown(record.endpoint)),
                        "TopicArn": .string(name.topic.arn(region: region)),
                    ]
                })
        ]
        if records.count > shown.count, let last = shown.last {
            output["NextToken"] = .string(PageToken(operation: operation, scope: scope, position: .text(last.id)).text)
        }
        return output
    }
}
