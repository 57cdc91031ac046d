import AWSProtocols
import LogStorage

extension LogService {
    @Sendable func tag(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let group = try taggable(input, context)
        try await setTags(try LogService.checked(input.stringMap("tags")), of: group, context)
        return [:]
    }

    @Sendable func untag(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try await removeTags(input.strings("tagKeys"), of: try taggable(input, context))
        return [:]
    }

    @Sendable func listTags(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let group = try taggable(input, context)
        return ["tags": LogService.value(store.group(group)?.tags ?? [:])]
    }

    // MARK: The forms before June 2022, by the group's name

    @Sendable func tagGroup(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let group = try existing(LogGroupIdentifier.group(in: input, context))
        try await setTags(try LogService.checked(input.stringMap("tags")), of: group, context)
        return [:]
    }

    @Sendable func untagGroup(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try await removeTags(input.strings("tags"), of: try existing(LogGroupIdentifier.group(in: input, context)))
        return [:]
    }

    @Sendable func listGroupTags(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let group = try existing(LogGroupIdentifier.group(in: input, context))
        return ["tags": LogService.value(store.group(group)?.tags ?? [:])]
    }

    /// Tags as a dictionary, once their keys are no reserved ones.
    static func checked(_ tags: [(String, String)]) throws(APIError) -> [String: String] {
        for (key, _) in tags where key.lowercased().utf8.starts(with: "aws:".utf8) {
            throw LogsError.invalidParameter("Tag keys that begin with 'aws:' are reserved: '\(key)'")
        }
        return Dictionary(tags, uniquingKeysWith: { $1 })
    }

    private func setTags(_ tags: [String: String], of group: LogGroupName, _ context: RequestContext) async throws(APIError) {
        let present = store.group(group)?.tags.keys.map(\.self) ?? []
        guard Set(present).union(tags.keys).count <= LogService.tagLimit else {
            throw LogsError.tooManyTags(LogGroupIdentifier.arn(of: group, context))
        }
        do throws(LogStoreError) {
            try await store.changeTags(of: group, setting: tags)
        } catch {
            throw error.apiError
        }
    }

    private func removeTags(_ keys: [String], of group: LogGroupName) async throws(APIError) {
        do throws(LogStoreError) {
            try await store.changeTags(of: group, removing: keys)
        } catch {
            throw error.apiError
        }
    }

    private func existing(_ group: LogGroupName) throws(APIError) -> LogGroupName {
        guard store.group(group) != nil else { throw LogsError.groupNotFound() }
        return group
    }

    private func taggable(_ input: APIStructure, _ context: RequestContext) throws(APIError) -> LogGroupName {
        let arn = try input.requiredString("resourceArn")
        guard arn.utf8.starts(with: "arn:".utf8) else {
            throw LogsError.invalidParameter("The specified resourceArn is not an ARN: \(arn)")
        }
        let group = try LogGroupIdentifier.group(arn, context)
        guard store.group(group) != nil else { throw LogsError.resourceNotFound() }
        return group
    }

    private static func value(_ tags: [String: String]) -> APIValue {
        .stringMap(tags.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }
}
