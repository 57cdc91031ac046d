import AWSProtocols
import Engine
import JSONCore
import Store
import TimeSource

extension RuleService {
    /// How many buses of its own an account may have (EventBridge User Guide, "Quotas", Event buses).
    private static let busLimit = 100

    @Sendable func createBus(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        if let source = input.string("EventSourceName") {
            throw APIError("ResourceNotFoundException", "Event source \(source) does not exist.")
        }
        try EventBusName.checkNew(name)
        let settings = try BusSettings(input)
        let tags = try RuleTags.parse(input.structures("Tags"))
        let arn = EventBusName.arn(name, context)
        let now = clock.now
        let record = BusRecord(
            account: context.account, name: name, description: input.string("Description"), settings: settings.encoded, createdAt: now,
            modifiedAt: now)
        return try await retryingRaces {
            let (present, count) = try await self.database.read { transaction in
                (
                    try BusStore.find(name: name, account: context.account, in: transaction) != nil,
                    try BusStore.count(account: context.account, in: transaction)
                )
            }
            guard !present else { throw EventsError.busExists(name) }
            guard count < RuleService.busLimit else { throw EventsError.limitExceeded() }
            try await self.database.apply(
                [BusStore.create(record)] + tags.map { TagStore.set($0.key, to: $0.value, of: arn, account: context.account) })
            self.router.changed(bus: name, account: context.account)
            var output: APIStructure = ["EventBusArn": .string(arn), "Description": .optional(record.description)]
            settings.append(to: &output)
            return output
        }
    }

    @Sendable func updateBus(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = EventBusName.value(input.string("Name"), context)
        let change = try BusSettings(input)
        let record = try await replaceBus(name, context) { record in
            if let description = input.string("Description") { record.description = description }
            record.settings = BusSettings(stored: record.settings).merging(change).encoded
        }
        var output: APIStructure = [
            "Arn": .string(EventBusName.arn(name, context)), "Name": .string(name), "Description": .optional(record.description),
        ]
        BusSettings(stored: record.settings).append(to: &output)
        return output
    }

    @Sendable func deleteBus(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = EventBusName.value(try input.requiredString("Name"), context)
        guard name != RuleRecord.defaultBus else { throw APIError.validation("Cannot delete event bus \(name).") }
        return try await retryingRaces {
            let (present, hasRules) = try await self.database.read { transaction in
                (
                    try BusStore.find(name: name, account: context.account, in: transaction) != nil,
                    try !RuleStore.list(account: context.account, bus: name, prefix: "", after: "", limit: 1, in: transaction).isEmpty
                )
            }
            // As on AWS, deleting what is not there is no error.
            guard present else { return [:] }
            guard !hasRules else { throw APIError.validation("Event bus \(name) can't be deleted since it has rules.") }
            try await self.database.apply([
                BusStore.delete(name: name, account: context.account),
                TagStore.removeAll(of: EventBusName.arn(name, context), account: context.account),
            ])
            self.router.changed(bus: name, account: context.account)
            return [:]
        }
    }

    @Sendable func describeBus(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = EventBusName.value(input.string("Name"), context)
        let record = try await database.read { try BusStore.find(name: name, account: context.account, in: $0) }
        guard name == RuleRecord.defaultBus || record != nil else { throw EventsError.busNotFound(name) }
        var output = EventBusName.apiValue(name, record, context)
        if let record { BusSettings(stored: record.settings).append(to: &output) }
        return output
    }

    @Sendable func listBuses(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let prefix = input.string("NamePrefix") ?? ""
        let after = try position(input, operation: "ListEventBuses", scope: prefix)
        let (buses, token) = try await page(input, operation: "ListEventBuses", scope: prefix, position: \.name) { limit in
            let records = try await database.read {
                try BusStore.list(account: context.account, prefix: prefix, after: after, limit: limit, in: $0)
            }
            var buses = records.map { (name: $0.name, record: BusRecord?.some($0)) }
            // The default bus has its place among them, with a row or without.
            let name = RuleRecord.defaultBus
            if name > after, name.utf8.starts(with: prefix.utf8), !buses.contains(where: { $0.name == name }) {
                buses.insert((name, nil), at: buses.firstIndex { $0.name > name } ?? buses.count)
            }
            return Array(buses.prefix(limit))
        }
        return [
            "EventBuses": .list(buses.map { .structure(EventBusName.apiValue($0.name, $0.record, context)) }), "NextToken": token,
        ]
    }

    /// The name of the bus that a request is about.
    /// - Throws: `ResourceNotFoundException` when there is none of the name.
    func bus(_ input: APIStructure, _ context: RequestContext) async throws -> String {
        try await requireBus(EventBusName.value(input.string("EventBusName"), context), context)
    }

    /// The name, when there is a bus of it.
    func requireBus(_ name: String, _ context: RequestContext) async throws -> String {
        guard try await router.exists(bus: name, account: context.account) else { throw EventsError.busNotFound(name) }
        return name
    }

    /// Changes what is stored of a bus. The default bus has a row from its first change on.
    @discardableResult
    func replaceBus(
        _ name: String, _ context: RequestContext, _ change: (inout BusRecord) throws -> Void
    ) async throws -> BusRecord {
        try await retryingRaces {
            let present = try await self.database.read { try BusStore.find(name: name, account: context.account, in: $0) }
            let now = self.clock.now
            guard let present else {
                guard name == RuleRecord.defaultBus else { throw EventsError.busNotFound(name) }
                var record = BusRecord(account: context.account, name: name, createdAt: now, modifiedAt: now)
                try change(&record)
                try await self.database.apply([BusStore.create(record)])
                return record
            }
            var record = present
            try change(&record)
            record.modifiedAt = now
            try await self.database.apply([BusStore.replace(record, previous: present)])
            return record
        }
    }
}

extension EventBusName {
    /// A bus as the API shows it in lists; of the default one without a row only what is always so.
    fileprivate static func apiValue(_ name: String, _ record: BusRecord?, _ context: RequestContext) -> APIStructure {
        [
            "Name": .string(name), "Arn": .string(arn(name, context)), "Description": .optional(record?.description),
            "Policy": .optional(record?.policy.map { String(decoding: $0, as: UTF8.self) }),
            "CreationTime": .optionalTimestamp(record?.createdAt.milliseconds),
            "LastModifiedTime": .optionalTimestamp(record?.modifiedAt.milliseconds),
        ]
    }
}
