import AWSProtocols
import LogFilters
package import LogStorage
import TimeSource

/// CloudWatch Logs: groups, streams and events, over the log store.
package final class LogService: Sendable {
    /// How many tags a group may have.
    static let tagLimit = 50

    /// The days for which events may be kept (CloudWatch Logs API Reference, PutRetentionPolicy).
    private static let retentions: [Int64] = [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557, 2_922, 3_288, 3_653,
    ]

    let store: LogStore

    /// A service over a store, which other parts of the server write to as well.
    package init(store: LogStore) {
        self.store = store
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        func add(_ operation: String, partial: String? = nil, bodyLimit: Int? = nil, _ handler: @escaping OperationHandler) {
            registry.register(
                service: "logs", operation: operation, options: OperationOptions(partial: partial, bodyLimit: bodyLimit),
                handler: handler)
        }
        add("CreateLogGroup", partial: "every group is of class STANDARD; kmsKeyId and deletion protection are refused", createGroup)
        add("DeleteLogGroup", deleteGroup)
        add("DescribeLogGroups", partial: "of the caller's own account; every group is of class STANDARD", describeGroups)
        add("PutRetentionPolicy", putRetention)
        add("DeleteRetentionPolicy", deleteRetention)
        add("CreateLogStream", createStream)
        add("DeleteLogStream", deleteStream)
        add("DescribeLogStreams", describeStreams)
        // JSON may write one byte of a message as six.
        add("PutLogEvents", partial: "the entity is ignored", bodyLimit: 8 << 20, putEvents)
        add("GetLogEvents", getEvents)
        add("FilterLogEvents", filterEvents)
        add("TagResource", partial: "log groups", tag)
        add("UntagResource", partial: "log groups", untag)
        add("ListTagsForResource", partial: "log groups", listTags)
        add("TagLogGroup", tagGroup)
        add("UntagLogGroup", untagGroup)
        add("ListTagsLogGroup", listGroupTags)
    }

    @Sendable private func createGroup(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("logGroupName")
        guard !name.lowercased().utf8.starts(with: "aws/".utf8) else {
            throw LogsError.invalidParameter("Log groups starting with AWS/ are reserved for AWS.")
        }
        // To take these and not to act on them would be a promise broken in silence.
        guard !input.contains("kmsKeyId") else {
            throw LogsError.invalidParameter("Nightshift does not encrypt log groups with keys of KMS; leave kmsKeyId out.")
        }
        guard input.bool("deletionProtectionEnabled") != true else {
            throw LogsError.invalidParameter("Nightshift does not protect log groups from deletion yet.")
        }
        let tags = try LogService.checked(input.stringMap("tags"))
        do {
            try await store.createGroup(LogGroupName(account: context.account, name: name), tags: tags)
        } catch {
            throw error.apiError
        }
        return [:]
    }

    @Sendable private func deleteGroup(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        do {
            try await store.deleteGroup(try LogGroupIdentifier.group(in: input, context))
        } catch let error as LogStoreError {
            throw error.apiError
        }
        return [:]
    }

    @Sendable private func describeGroups(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let prefix = input.string("logGroupNamePrefix")
        let pattern = input.string("logGroupNamePattern")
        guard prefix == nil || pattern == nil else {
            throw LogsError.invalidParameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
        }
        if let identifiers = input.list("logGroupIdentifiers") {
            guard prefix == nil, pattern == nil else {
                throw LogsError.invalidParameter("LogGroup identifiers and LogGroup name prefix or pattern are mutually exclusive parameters.")
            }
            let groups = try identifiers.compactMap(\.string).compactMap { store.group(try LogGroupIdentifier.group($0, context)) }
            return ["logGroups": .list(groups.map { describe($0, context) })]
        }
        if let wanted = input.string("logGroupClass"), wanted != "STANDARD" { return ["logGroups": []] }
        do throws(LogStoreError) {
            let (groups, next) = try store.groups(
                account: context.account, prefix: prefix ?? "", containing: pattern ?? "",
                limit: Int(input.integer("limit") ?? 50), token: input.string("nextToken"))
            return ["logGroups": .list(groups.map { describe($0, context) }), "nextToken": .optional(next)]
        } catch {
            throw error.apiError
        }
    }

    @Sendable private func putRetention(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let days = input.integer("retentionInDays") ?? 0
        guard LogService.retentions.contains(days) else {
            let valid = LogService.retentions.map(String.init).joined(separator: ", ")
            throw LogsError.invalidParameter(
                "1 validation error detected: Value '\(days)' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [\(valid)]")
        }
        return try await setRetention(Int(days), input, context)
    }

    @Sendable private func deleteRetention(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try await setRetention(nil, input, context)
    }

    private func setRetention(
        _ days: Int?, _ input: APIStructure, _ context: RequestContext
    ) async throws(APIError) -> APIStructure {
        let group = try LogGroupIdentifier.group(in: input, context)
        do throws(LogStoreError) {
            try await store.setRetention(days, of: group)
        } catch {
            throw error.apiError
        }
        return [:]
    }

    private func describe(_ group: LogGroup, _ context: RequestContext) -> APIValue {
        let arn = LogGroupIdentifier.arn(of: group.name, context)
        return [
            "logGroupName": .string(group.name.name), "creationTime": .integer(group.createdAt.milliseconds),
            "retentionInDays": .optional(group.retentionInDays.map(Int64.init)), "metricFilterCount": 0, "arn": .string(arn + ":*"),
            "storedBytes": .integer(group.storedBytes), "logGroupClass": "STANDARD", "logGroupArn": .string(arn),
            "deletionProtectionEnabled": false,
        ]
    }
}
