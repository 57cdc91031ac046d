import AWSProtocols
import JSONCore
package import Store
package import TimeSource

/// API destinations of Amazon EventBridge: web addresses that rules send events to (EventBridge API Reference, CreateApiDestination and
/// its neighbours).
package final class ApiDestinationService: Sendable {
    private let database: any Database
    private let clock: any ClockSource
    private let identifiers: IdentifierSource

    /// A service over the store.
    package init(database: any Database, clock: any ClockSource, identifiers: IdentifierSource) {
        self.database = database
        self.clock = clock
        self.identifiers = identifiers
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        func add(_ operation: String, partial: String? = nil, _ handler: @escaping OperationHandler) {
            registry.register(service: "events", operation: operation, options: OperationOptions(partial: partial), handler: handler)
        }
        add("CreateApiDestination", partial: "inside a private network the endpoint may be plain `http`", create)
        add("UpdateApiDestination", update)
        add("DescribeApiDestination", describe)
        add("ListApiDestinations", list)
        add("DeleteApiDestination", delete)
    }

    @Sendable private func create(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        let endpoint = try input.requiredString("InvocationEndpoint")
        try ApiDestinationService.check(endpoint)
        let connection = try input.requiredString("ConnectionArn")
        try await requireConnection(connection, context)
        let now = clock.now
        let record = ApiDestinationRecord(
            account: context.account, name: name, id: identifiers.uuid(), description: input.string("Description"),
            connectionARN: connection, endpoint: endpoint, method: try input.requiredString("HttpMethod"),
            rateLimit: input.integer("InvocationRateLimitPerSecond"), createdAt: now, modifiedAt: now)
        do {
            try await database.apply([ApiDestinationStore.create(record)])
        } catch let error where error.code == .conflict {
            throw APIError("ResourceAlreadyExistsException", "An api-destination '\(name)' already exists.")
        } catch {
            throw error.apiError
        }
        return record.answer(context, isActive: try await isActive(record))
    }

    @Sendable private func update(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        if let endpoint = input.string("InvocationEndpoint") { try ApiDestinationService.check(endpoint) }
        if let connection = input.string("ConnectionArn") { try await requireConnection(connection, context) }
        let changed = try await retryingConflicts {
            var record = try await find(input, context, verb: "update")
            record.version += 1
            record.modifiedAt = clock.now
            if let description = input.string("Description") { record.description = description }
            if let connection = input.string("ConnectionArn") { record.connectionARN = connection }
            if let endpoint = input.string("InvocationEndpoint") { record.endpoint = endpoint }
            if let method = input.string("HttpMethod") { record.method = method }
            if let limit = input.integer("InvocationRateLimitPerSecond") { record.rateLimit = limit }
            try await database.apply([ApiDestinationStore.replace(record)])
            return record
        }
        return changed.answer(context, isActive: try await isActive(changed))
    }

    @Sendable private func describe(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let record = try await find(input, context, verb: "describe")
        var output = record.shown(context, isActive: try await isActive(record))
        output["Description"] = .optional(record.description)
        return output
    }

    @Sendable private func list(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let prefix = input.string("NamePrefix") ?? ""
        let connection = input.string("ConnectionArn")
        let page = try await FilteredPage<ApiDestinationRecord>(
            input, operation: "ListApiDestinations", filters: ["NamePrefix", "ConnectionArn"], name: \.name,
            read: { after, limit in
                try await database.read { try ApiDestinationStore.list(account: context.account, after: after, limit: limit, in: $0) }
            },
            where: { $0.name.utf8.starts(with: prefix.utf8) && (connection == nil || connection == $0.connectionARN) })
        var shown: [APIValue] = []
        for record in page.entries { shown.append(.structure(record.shown(context, isActive: try await isActive(record)))) }
        return ["ApiDestinations": .list(shown), "NextToken": page.token]
    }

    @Sendable private func delete(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try await retryingConflicts {
            try await database.apply([ApiDestinationStore.delete(try await find(input, context, verb: "delete"))])
        }
        return [:]
    }

    private func find(_ input: APIStructure, _ context: RequestContext, verb: String) async throws -> ApiDestinationRecord {
        let name = try input.requiredString("Name")
        guard let record = try await database.read({ try ApiDestinationStore.find(name, account: context.account, in: $0) }) else {
            throw APIError(
                "ResourceNotFoundException", "Failed to \(verb) the api-destination(s). An api-destination '\(name)' does not exist.")
        }
        return record
    }

    private func requireConnection(_ arn: String, _ context: RequestContext) async throws {
        guard try await connection(arn, account: context.account) == nil else { return }
        let name = ARN(arn).flatMap { $0.resourceID?.split(separator: "/").first.map(String.init) } ?? arn
        throw APIError("ResourceNotFoundException", "Connection '\(name)' does not exist.")
    }

    /// Whether the destination can be called: its connection is there and authorized.
    private func isActive(_ record: ApiDestinationRecord) async throws -> Bool {
        try await connection(record.connectionARN, account: record.account)?.state == .authorized
    }

    /// The connection of an ARN; nil when there is none.
    private func connection(_ text: String, account: String) async throws -> ConnectionRecord? {
        guard let arn = ARN(text), arn.service == "events", arn.account == account, arn.resourceType == "connection",
            let parts = arn.resourceID?.split(separator: "/").map(String.init), parts.count == 2
        else { return nil }
        let record = try await database.read { try ConnectionStore.find(parts[0], account: account, in: $0) }
        return record?.id == parts[1] ? record : nil
    }

    /// Whether an address may be a destination: the performer says which may be called; this is about its form (API Reference,
    /// CreateApiDestination, InvocationEndpoint).
    private static func check(_ endpoint: String) throws(APIError) {
        guard endpoint.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), endpoint.contains("://") else {
            throw EventsError.invalidParameter("InvocationEndpoint", reason: "Must be a web address.")
        }
    }
}

extension ApiDestinationRecord {
    /// The destination's ARN.
    fileprivate func arn(_ context: RequestContext) -> String {
        ARN(service: "events", region: context.region, account: account, resource: "api-destination/\(name)/\(id)").description
    }

    /// What creating and updating it answer.
    fileprivate func answer(_ context: RequestContext, isActive: Bool) -> APIStructure {
        [
            "ApiDestinationArn": .string(arn(context)), "ApiDestinationState": .string(isActive ? "ACTIVE" : "INACTIVE"),
            "CreationTime": .timestamp(createdAt.milliseconds), "LastModifiedTime": .timestamp(modifiedAt.milliseconds),
        ]
    }

    /// AWS's `ApiDestination`.
    fileprivate func shown(_ context: RequestContext, isActive: Bool) -> APIStructure {
        var output = answer(context, isActive: isActive)
        output["Name"] = .string(name)
        output["ConnectionArn"] = .string(connectionARN)
        output["InvocationEndpoint"] = .string(endpoint)
        output["HttpMethod"] = .string(method)
        output["InvocationRateLimitPerSecond"] = .integer(rateLimit ?? ApiDestinationRecord.defaultRate)
        return output
    }
}
