import AWSProtocols
package import Engine
import FunctionRuntimes
import JSONCore
package import Store
package import TimeSource

/// Event source mappings: Lambda's operations about what feeds functions. `docs/architecture/event-sources.md` tells how.
package final class EventSourceService: Sendable {
    private static let pageSize = 100
    private static let raceAttempts = 5
    private static let remark =
        "Amazon SQS queues of the same account only; no provisioned pollers; keys, metrics and logging of a mapping are not kept"

    private let database: any Database
    private let queues: QueueEngine
    private let sources: EventSources
    private let functions: FunctionDirectory
    private let identifiers: IdentifierSource
    private let region: String

    /// A service over the store and the pollers.
    package init(
        database: any Database, queues: QueueEngine, sources: EventSources, functions: FunctionDirectory, identifiers: IdentifierSource,
        region: String
    ) {
        self.database = database
        self.queues = queues
        self.sources = sources
        self.functions = functions
        self.identifiers = identifiers
        self.region = region
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        func add(_ operation: String, _ handler: @escaping OperationHandler, partial: String? = nil) {
            registry.register(
                service: "lambda", operation: operation, options: OperationOptions(partial: partial), handler: handler)
        }
        add("CreateEventSourceMapping", create, partial: EventSourceService.remark)
        add("UpdateEventSourceMapping", update, partial: EventSourceService.remark)
        add("GetEventSourceMapping", get)
        add("ListEventSourceMappings", list)
        add("DeleteEventSourceMapping", delete)
    }

    @Sendable private func create(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let (function, specification) = try function(input.requiredString("FunctionName"), context)
        let queue = try queue(input.string("EventSourceArn"), context)
        var settings = QueueMappingSettings()
        try EventSourceMappingRequest.apply(input, to: &settings, of: queue.name)
        try EventSourceMappingRequest.check(queue, specification)
        let tags = try FunctionTags.parse(input.stringMap("Tags"))
        let record = EventSourceMappingRecord(
            id: identifiers.uuid(), account: context.account, source: queue.name.arn(region: region), function: function.arn,
            state: input.bool("Enabled") ?? true ? .enabled : .disabled, modifiedAt: context.receivedAt, settings: settings.encoded)
        let arn = EventSourceMappingDescription.arn(record.id, account: record.account, region: region)
        let batch = [EventSourceMappingStore.create(record)] + tags.map { TagStore.set($0.0, to: $0.1, of: arn, account: record.account) }
        guard try await commit(batch) else {
            let known = try await database.read {
                try EventSourceMappingStore.find(source: record.source, function: record.function, account: record.account, in: $0)
            }
            throw LambdaError.conflict(
                "An event source mapping with SQS arn (\" \(record.source) \") and function (\" \(function.name) \") already exists. "
                    + "Please update or delete the existing mapping with UUID \(known?.id ?? "")")
        }
        sources.apply(record)
        return describe(record, "Creating")
    }

    @Sendable private func update(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let function = try input.string("FunctionName").map { name throws(APIError) in try self.function(name, context) }
        for _ in 0..<EventSourceService.raceAttempts {
            let old = try await find(input, context)
            guard old.state != .deleting, let queue = QueueName(arn: old.source) else { throw LambdaError.mappingInUse("update") }
            var settings = QueueMappingSettings(encoded: old.settings)
            try EventSourceMappingRequest.apply(input, to: &settings, of: queue)
            var record = old
            if let function {
                if let known = queues.record(of: queue) { try EventSourceMappingRequest.check(known, function.1) }
                record.function = function.0.arn
            }
            record.settings = settings.encoded
            if let enabled = input.bool("Enabled") { record.state = enabled ? .enabled : .disabled }
            guard try await change(&record, at: context.receivedAt) else { continue }
            let state =
                switch (old.state, record.state) {
                case (.disabled, .enabled): "Enabling"
                case (.enabled, .disabled): "Disabling"
                default: "Updating"
                }
            return describe(record, state)
        }
        throw LambdaError.mappingInUse("update")
    }

    @Sendable private func get(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let record = try await find(input, context)
        return describe(record, state(of: record))
    }

    @Sendable private func list(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let function = try input.string("FunctionName").map { name throws(APIError) in try FunctionReference(name, context) }
        let source = input.string("EventSourceArn")
        let most = Int(min(input.integer("MaxItems") ?? Int64(EventSourceService.pageSize), Int64(EventSourceService.pageSize)))
        var after = try position(input.string("Marker"))
        var shown: [EventSourceMappingRecord] = []
        while true {
            let records = try await database.read { [after] in
                try EventSourceMappingStore.list(account: context.account, after: after, limit: EventSourceService.pageSize, in: $0)
            }
            for record in records {
                after = record.id
                guard source == nil || record.source == source, function.map({ matches(record, $0) }) ?? true else { continue }
                shown.append(record)
                guard shown.count < most else {
                    return page(shown, next: PageToken(operation: "ListEventSourceMappings", position: .text(after)).text)
                }
            }
            guard records.count == EventSourceService.pageSize else { return page(shown, next: nil) }
        }
    }

    @Sendable private func delete(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        for _ in 0..<EventSourceService.raceAttempts {
            var record = try await find(input, context)
            guard record.state != .deleting else { throw LambdaError.mappingInUse("delete") }
            record.state = .deleting
            guard try await change(&record, at: context.receivedAt) else { continue }
            return describe(record, "Deleting")
        }
        throw LambdaError.mappingInUse("delete")
    }

    // MARK: - Shared by the operations

    /// Writes a changed mapping and lets it work so; false when somebody was faster.
    private func change(_ record: inout EventSourceMappingRecord, at instant: Timestamp) async throws -> Bool {
        record.version += 1
        record.modifiedAt = instant
        var batch = [EventSourceMappingStore.update(record)]
        if record.state == .deleting {
            let arn = EventSourceMappingDescription.arn(record.id, account: record.account, region: region)
            batch.append(TagStore.removeAll(of: arn, account: record.account))
        }
        guard try await commit(batch) else { return false }
        sources.apply(record)
        return true
    }

    private func commit(_ batch: [Statement]) async throws -> Bool {
        do {
            try await database.apply(batch)
            return true
        } catch {
            if error.code == .conflict { return false }
            throw error.apiError
        }
    }

    private func find(_ input: APIStructure, _ context: RequestContext) async throws -> EventSourceMappingRecord {
        let id = try input.requiredString("UUID")
        let record = try await database.read { try EventSourceMappingStore.find(id: id, account: context.account, in: $0) }
        guard let record else { throw LambdaError.notFound("The resource you requested does not exist.") }
        return record
    }

    /// The function of a request, which must exist.
    private func function(
        _ name: String, _ context: RequestContext
    ) throws(APIError) -> (FunctionReference, FunctionSpecification) {
        let reference = try FunctionReference(name, context)
        guard let version = reference.version,
            let specification = functions.specification(reference.name, account: reference.account, version: version)
        else { throw LambdaError.invalidParameter("Function does not exist") }
        return (reference, specification)
    }

    /// The queue of a request, which must exist and be the caller's.
    private func queue(_ text: String?, _ context: RequestContext) throws(APIError) -> QueueRecord {
        guard let text, let arn = ARN(text) else { throw LambdaError.invalidParameter("Unrecognized event source.") }
        guard arn.service == "sqs", let name = QueueName(arn: text), arn.region == region else {
            let known = ["kinesis", "dynamodb", "kafka", "mq", "rds"].contains(arn.service)
            throw known
                ? LambdaError.unsupported("Event sources of the service '\(arn.service)' are")
                : LambdaError.invalidParameter("Unrecognized event source.")
        }
        guard name.account == context.account, let queue = queues.record(of: name) else {
            throw LambdaError.invalidParameter(
                "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
                    + "SQS Error Message: The specified queue does not exist.")
        }
        return queue
    }

    /// What a mapping is at: on its way as long as its poller is not where it is to be.
    private func state(of record: EventSourceMappingRecord) -> String {
        switch record.state {
        case .enabled: sources.isPolling(record.id) ? "Enabled" : record.version == 1 ? "Creating" : "Enabling"
        case .disabled: sources.isPolling(record.id) ? "Disabling" : "Disabled"
        case .deleting: "Deleting"
        }
    }

    private func describe(_ record: EventSourceMappingRecord, _ state: String) -> APIStructure {
        EventSourceMappingDescription(record: record, region: region).members(state)
    }

    private func matches(_ record: EventSourceMappingRecord, _ function: FunctionReference) -> Bool {
        // A name without a qualifier is that of the function alone, not of its versions.
        record.function == function.arn
    }

    private func page(_ records: [EventSourceMappingRecord], next: String?) -> APIStructure {
        [
            "EventSourceMappings": .list(records.map { .structure(describe($0, state(of: $0))) }),
            "NextMarker": .optional(next),
        ]
    }

    private func position(_ token: String?) throws(APIError) -> String {
        guard let token, !token.isEmpty else { return "" }
        do throws(PageToken.Fault) {
            guard let text = try PageToken.position(in: token, operation: "ListEventSourceMappings").text else { throw .malformed }
            return text
        } catch {
            throw LambdaError.invalidParameter("Invalid pagination token")
        }
    }
}
