import AWSProtocols
package import Engine
import JSONCore
package import Store
package import TimeSource

/// Replays of archives: operations of Amazon EventBridge (EventBridge API Reference, StartReplay and its neighbours).
package final class ReplayService: Sendable {
    private let database: any Database
    private let router: EventRouter
    private let runner: ReplayRunner
    private let clock: any ClockSource
    private let identifiers: IdentifierSource

    /// Replays of an account that run side by side, at most (EventBridge User Guide, "Quotas").
    private static let limit = 10

    /// A service over the store, which tells the runner what to replay.
    package init(
        database: any Database, router: EventRouter, runner: ReplayRunner, clock: any ClockSource, identifiers: IdentifierSource
    ) {
        self.database = database
        self.router = router
        self.runner = runner
        self.clock = clock
        self.identifiers = identifiers
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        func add(_ operation: String, _ handler: @escaping OperationHandler) {
            registry.register(service: "events", operation: operation, handler: handler)
        }
        add("StartReplay", start)
        add("CancelReplay", cancel)
        add("DescribeReplay", describe)
        add("ListReplays", list)
    }

    @Sendable private func start(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("ReplayName")
        let source = try input.requiredString("EventSourceArn")
        let destination = input.structure("Destination") ?? [:]
        let destinationARN = try destination.requiredString("Arn")
        guard let bus = (try? ArchiveService.bus(destinationARN, context)) else {
            throw EventsError.invalidParameter("Destination.Arn", reason: "Must contain an event bus ARN.")
        }
        guard try await router.exists(bus: bus, account: context.account) else { throw EventsError.busNotFound(bus) }
        let archive = try await archive(source, context)
        guard archive.bus == bus else {
            throw EventsError.invalidParameter("Destination.Arn", reason: "Cross event bus replay is not permitted.")
        }
        let filters = destination.strings("FilterArns")
        for (index, filter) in filters.enumerated() where ARN(filter)?.resourceType != "rule" {
            throw EventsError.invalidParameter("Destination.FilterArns[\(index)]", reason: "Must contain a rule ARN.")
        }
        guard let first = input.timestamp("EventStartTime"), let last = input.timestamp("EventEndTime"), first < last else {
            throw EventsError.invalidParameter("EventEndTime", reason: "EventStartTime must be before EventEndTime.")
        }
        let record = ReplayRecord(
            account: context.account, name: name, id: identifiers.uuid(), archive: archive.id, sourceARN: source,
            destinationARN: destinationARN, filterARNs: filters, description: input.string("Description"),
            eventStart: Timestamp(milliseconds: first), eventEnd: Timestamp(milliseconds: last), startedAt: clock.now)
        try await create(record)
        runner.wake()
        var output = record.answer(context)
        output["ReplayStartTime"] = .timestamp(record.startedAt.milliseconds)
        return output
    }

    private func create(_ record: ReplayRecord) async throws {
        let unfinished = try await database.read { try ReplayStore.unfinished(in: $0) }
        guard unfinished.count(where: { $0.account == record.account }) < ReplayService.limit else {
            throw EventsError.limitExceeded()
        }
        do {
            try await database.apply([ReplayStore.create(record)])
        } catch let error where error.code == .conflict {
            throw APIError("ResourceAlreadyExistsException", "Replay \(record.name) already exists.")
        } catch {
            throw error.apiError
        }
    }

    private func archive(_ text: String, _ context: RequestContext) async throws -> ArchiveRecord {
        guard let arn = ARN(text), arn.service == "events", arn.resourceType == "archive", let name = arn.resourceID else {
            throw EventsError.invalidParameter("EventSourceArn", reason: "Must contain an archive ARN.")
        }
        let found = try await database.read { try ArchiveStore.find(name, account: context.account, in: $0) }
        guard arn.account == context.account, let found else {
            throw EventsError.invalidParameter("EventSourceArn", reason: "Archive \(name) does not exist.")
        }
        return found.record
    }

    @Sendable private func cancel(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let cancelled = try await retryingConflicts {
            var record = try await find(input, context)
            guard [.starting, .running].contains(record.state) else {
                throw APIError("IllegalStatusException", "Replay \(record.name) is not in a valid state for this operation.")
            }
            try await database.apply([ReplayStore.move(record, to: .cancelling, reason: nil, endedAt: nil)])
            record.state = .cancelling
            return record
        }
        runner.wake()
        return cancelled.answer(context)
    }

    @Sendable private func describe(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let record = try await find(input, context)
        var output = record.shown
        output["ReplayArn"] = .string(record.arn(context))
        output["Description"] = .optional(record.description)
        var destination: APIStructure = ["Arn": .string(record.destinationARN)]
        if !record.filterARNs.isEmpty { destination["FilterArns"] = .strings(record.filterARNs) }
        output["Destination"] = .structure(destination)
        return output
    }

    @Sendable private func list(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let filters = ["NamePrefix", "EventSourceArn", "State"]
        guard filters.filter({ input.string($0) != nil }).count <= 1 else {
            throw APIError.validation(
                "At most one filter is allowed for ListReplays. Use either : State, EventSourceArn, or NamePrefix.")
        }
        let prefix = input.string("NamePrefix") ?? ""
        let page = try await FilteredPage<ReplayRecord>(
            input, operation: "ListReplays", filters: filters, name: \.name,
            read: { after, limit in
                try await database.read { try ReplayStore.list(account: context.account, after: after, limit: limit, in: $0) }
            },
            where: { record in
                record.name.utf8.starts(with: prefix.utf8)
                    && input.string("EventSourceArn").map { $0 == record.sourceARN } ?? true
                    && input.string("State").map { $0 == record.state.rawValue } ?? true
            })
        return ["Replays": .list(page.entries.map { .structure($0.shown) }), "NextToken": page.token]
    }

    private func find(_ input: APIStructure, _ context: RequestContext) async throws -> ReplayRecord {
        let name = try input.requiredString("ReplayName")
        guard let record = try await database.read({ try ReplayStore.find(name, account: context.account, in: $0) }) else {
            throw APIError("ResourceNotFoundException", "Replay \(name) does not exist.")
        }
        return record
    }
}

extension ReplayRecord {
    /// The replay's ARN.
    fileprivate func arn(_ context: RequestContext) -> String {
        ARN(service: "events", region: context.region, account: account, resource: "replay/\(name)").description
    }

    /// What starting and cancelling it answer.
    fileprivate func answer(_ context: RequestContext) -> APIStructure {
        ["ReplayArn": .string(arn(context)), "State": .string(state.rawValue), "StateReason": .optional(stateReason)]
    }

    /// AWS's `Replay`.
    fileprivate var shown: APIStructure {
        [
            "ReplayName": .string(name), "EventSourceArn": .string(sourceARN), "State": .string(state.rawValue),
            "StateReason": .optional(stateReason), "EventStartTime": .timestamp(eventStart.milliseconds),
            "EventEndTime": .timestamp(eventEnd.milliseconds),
            "EventLastReplayedTime": .optionalTimestamp(cursor?.time.milliseconds),
            "ReplayStartTime": .timestamp(startedAt.milliseconds), "ReplayEndTime": .optionalTimestamp(endedAt?.milliseconds),
        ]
    }
}
