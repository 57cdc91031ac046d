import AWSProtocols
package import Engine
import EventPatterns
import JSONCore
package import Store
package import TimeSource

/// Archives of event buses: operations of Amazon EventBridge (EventBridge API Reference, CreateArchive and its neighbours).
///
/// An archive is enabled as soon as it is answered, so the states in between never show. Sizes are counted with each event.
package final class ArchiveService: Sendable {
    private let database: any Database
    private let router: EventRouter
    private let archives: EventArchives
    private let clock: any ClockSource
    private let identifiers: IdentifierSource

    /// A service over the store, which tells the archives of every change.
    package init(
        database: any Database, router: EventRouter, archives: EventArchives, clock: any ClockSource, identifiers: IdentifierSource
    ) {
        self.database = database
        self.router = router
        self.archives = archives
        self.clock = clock
        self.identifiers = identifiers
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        func add(_ operation: String, partial: String? = nil, _ handler: @escaping OperationHandler) {
            registry.register(service: "events", operation: operation, options: OperationOptions(partial: partial), handler: handler)
        }
        add("CreateArchive", partial: "no managed rule is shown for it; `KmsKeyIdentifier` is stored, not used", create)
        add("UpdateArchive", update)
        add("DeleteArchive", delete)
        add("DescribeArchive", describe)
        add("ListArchives", list)
    }

    @Sendable private func create(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("ArchiveName")
        let bus = try ArchiveService.bus(try input.requiredString("EventSourceArn"), context)
        guard try await router.exists(bus: bus, account: context.account) else { throw EventsError.busNotFound(bus) }
        let record = ArchiveRecord(
            id: identifiers.archiveNumber(), account: context.account, name: name, bus: bus, description: input.string("Description"),
            eventPattern: try ArchiveService.pattern(input), retentionDays: input.integer("RetentionDays") ?? 0,
            keyIdentifier: input.string("KmsKeyIdentifier"), createdAt: clock.now)
        do {
            try await database.apply(ArchiveStore.create(record))
        } catch let error where error.code == .conflict {
            throw APIError("ResourceAlreadyExistsException", "Archive \(name) already exists.")
        } catch {
            throw error.apiError
        }
        archives.changed()
        return record.answer(context)
    }

    @Sendable private func update(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let pattern = try ArchiveService.pattern(input)
        let changed = try await retryingConflicts {
            var record = try await find(input, context).record
            record.version += 1
            if let description = input.string("Description") { record.description = description }
            if input.string("EventPattern") != nil { record.eventPattern = pattern }
            if let days = input.integer("RetentionDays") { record.retentionDays = days }
            if let key = input.string("KmsKeyIdentifier") { record.keyIdentifier = key.isEmpty ? nil : key }
            try await database.apply([ArchiveStore.replace(record)])
            return record
        }
        archives.changed()
        return changed.answer(context)
    }

    @Sendable private func delete(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try await retryingConflicts {
            try await database.apply(ArchiveStore.delete(try await find(input, context).record))
        }
        archives.changed()
        return [:]
    }

    @Sendable private func describe(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let (record, size) = try await find(input, context)
        var output = record.shown(size, context)
        output["ArchiveArn"] = .string(record.arn(context))
        output["Description"] = .optional(record.description)
        output["EventPattern"] = .optional(record.eventPattern.map { String(decoding: $0, as: UTF8.self) })
        output["KmsKeyIdentifier"] = .optional(record.keyIdentifier)
        return output
    }

    @Sendable private func list(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let filters = ["NamePrefix", "EventSourceArn", "State"]
        guard filters.filter({ input.string($0) != nil }).count <= 1 else {
            throw APIError.validation(
                "At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or NamePrefix.")
        }
        if let source = input.string("EventSourceArn") {
            let bus = try ArchiveService.bus(source, context)
            guard try await router.exists(bus: bus, account: context.account) else { throw EventsError.busNotFound(bus) }
        }
        let prefix = input.string("NamePrefix") ?? ""
        let page = try await FilteredPage<ListedArchive>(
            input, operation: "ListArchives", filters: filters, name: \.record.name,
            read: { after, limit in
                try await database.read { transaction in
                    try ArchiveStore.list(account: context.account, after: after, limit: limit, in: transaction)
                        .map { ListedArchive(record: $0.record, size: $0.size) }
                }
            },
            where: { entry in
                entry.record.name.utf8.starts(with: prefix.utf8)
                    && input.string("EventSourceArn").map { $0 == entry.record.busARN(context) } ?? true
                    && input.string("State").map { $0 == ArchiveRecord.enabled } ?? true
            })
        return [
            "Archives": .list(page.entries.map { .structure($0.record.shown($0.size, context)) }), "NextToken": page.token,
        ]
    }

    private func find(
        _ input: APIStructure, _ context: RequestContext
    ) async throws -> (record: ArchiveRecord, size: ArchiveSize) {
        let name = try input.requiredString("ArchiveName")
        guard let found = try await database.read({ try ArchiveStore.find(name, account: context.account, in: $0) }) else {
            throw APIError("ResourceNotFoundException", "Archive \(name) does not exist.")
        }
        return found
    }

    /// The name of the bus of an ARN.
    static func bus(_ text: String, _ context: RequestContext) throws(APIError) -> String {
        guard let arn = ARN(text), arn.service == "events", arn.resourceType == "event-bus", let name = arn.resourceID else {
            throw EventsError.invalidParameter("EventSourceArn", reason: "Must contain an event bus ARN.")
        }
        guard arn.account == context.account else { throw EventsError.busNotFound(name) }
        return name
    }

    /// The pattern of a request, checked; nil for none.
    private static func pattern(_ input: APIStructure) throws(APIError) -> [UInt8]? {
        guard let text = input.string("EventPattern"), !text.isEmpty else { return nil }
        do throws(EventPatternError) {
            _ = try EventPattern(parsing: text)
        } catch {
            throw EventsError.invalidEventPattern(error.eventPatternMessage)
        }
        return Array(text.utf8)
    }
}

/// An entry of ListArchives.
private struct ListedArchive: Sendable {
    let record: ArchiveRecord
    let size: ArchiveSize
}

extension IdentifierSource {
    /// A number for a new archive: random, so that it is never that of an earlier one.
    fileprivate func archiveNumber() -> Int64 { Int64(hexadecimal(digits: 15), radix: 16) ?? 0 }
}

extension ArchiveRecord {
    /// The only state that shows.
    fileprivate static let enabled = "ENABLED"

    /// The archive's ARN.
    func arn(_ context: RequestContext) -> String {
        ARN(service: "events", region: context.region, account: account, resource: "archive/\(name)").description
    }

    /// The ARN of the bus whose events it keeps.
    func busARN(_ context: RequestContext) -> String {
        ARN(service: "events", region: context.region, account: account, resource: "event-bus/\(bus)").description
    }

    /// What creating and updating it answer.
    fileprivate func answer(_ context: RequestContext) -> APIStructure {
        [
            "ArchiveArn": .string(arn(context)), "State": .string(ArchiveRecord.enabled),
            "CreationTime": .timestamp(createdAt.milliseconds),
        ]
    }

    /// AWS's `Archive`.
    fileprivate func shown(_ size: ArchiveSize, _ context: RequestContext) -> APIStructure {
        [
            "ArchiveName": .string(name), "EventSourceArn": .string(busARN(context)), "State": .string(ArchiveRecord.enabled),
            "RetentionDays": .integer(retentionDays), "SizeBytes": .integer(size.bytes), "EventCount": .integer(size.events),
            "CreationTime": .timestamp(createdAt.milliseconds),
        ]
    }
}
