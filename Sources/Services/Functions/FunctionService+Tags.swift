import AWSProtocols
import Store

/// The rules of the tags of functions and event source mappings (Lambda API Reference, TagResource).
enum FunctionTags {
    /// How many tags a function may have.
    static let limit = 50

    /// Checks the tags of a request.
    static func parse(_ tags: [(String, String)]) throws(APIError) -> [(String, String)] {
        guard tags.count <= limit else { throw tooMany() }
        for (key, value) in tags {
            guard !key.isEmpty, key.unicodeScalars.count <= 128, value.unicodeScalars.count <= 256 else {
                throw LambdaError.invalidParameter("Tag keys have 1 to 128 characters and tag values at most 256.")
            }
            guard !key.utf8.starts(with: "aws:".utf8) else {
                throw LambdaError.invalidParameter("Tag keys that begin with 'aws:' are reserved: '\(key)'")
            }
        }
        return tags
    }

    /// A function would have more tags than it may.
    static func tooMany() -> APIError {
        LambdaError.invalidParameter("Number of tags exceeds resource tag limit.")
    }
}

extension FunctionService {
    /// TagResource.
    @Sendable func tag(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let arn = try await taggable(input, context)
        let tags = try FunctionTags.parse(input.stringMap("Tags"))
        let present = try await database.read { try TagStore.tags(of: arn, account: context.account, in: $0).map(\.key) }
        guard Set(present).union(tags.map(\.0)).count <= FunctionTags.limit else { throw FunctionTags.tooMany() }
        return try await changeTags(of: arn, context, tags.map { TagStore.set($0.0, to: $0.1, of: arn, account: context.account) })
    }

    /// UntagResource.
    @Sendable func untag(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let arn = try await taggable(input, context)
        return try await changeTags(
            of: arn, context, input.strings("TagKeys").map { TagStore.remove($0, of: arn, account: context.account) })
    }

    /// ListTags.
    @Sendable func listTags(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let arn = try await taggable(input, context)
        let tags = try await database.read { transaction in
            try TagStore.tags(of: arn, account: context.account, in: transaction).map { ($0.key, $0.value) }
        }
        return ["Tags": .stringMap(tags)]
    }

    private func changeTags(of arn: String, _ context: RequestContext, _ batch: [Statement]) async throws -> APIStructure {
        guard !batch.isEmpty else { return [:] }
        guard try await commit(batch) else { throw StoreError(.conflict).apiError }
        try await dependencies.directory.readTags(of: arn, account: context.account)
        return [:]
    }

    /// The ARN of a function or an event source mapping that is there.
    private func taggable(_ input: APIStructure, _ context: RequestContext) async throws -> String {
        let text = try input.requiredString("Resource")
        if let arn = ARN(text), arn.resourceType == "event-source-mapping", let id = arn.resourceID {
            let record = try await database.read { try EventSourceMappingStore.find(id: id, account: context.account, in: $0) }
            guard let record, arn.account == context.account else {
                throw LambdaError.notFound("The resource you requested does not exist.")
            }
            return EventSourceMappingDescription.arn(record.id, account: record.account, region: region)
        }
        let reference = try FunctionReference(input.requiredString("Resource"), context)
        guard reference.qualifier == nil else {
            throw LambdaError.invalidParameter("Tags on function aliases and versions are not supported. Please specify a function ARN.")
        }
        _ = try await find(reference)
        return reference.functionARN
    }
}
