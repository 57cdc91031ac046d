import AWSProtocols
import Store

/// The rules of topics' tags (SNS API Reference, TagResource).
enum TopicTags {
    /// How many tags a topic may have.
    static let limit = 50

    /// Reads a list of `{Key, Value}`.
    static func parse(_ tags: [APIStructure]) throws(APIError) -> [(key: String, value: String)] {
        var parsed: [(key: String, value: String)] = []
        for tag in tags {
            let key = tag.string("Key") ?? ""
            let value = tag.string("Value") ?? ""
            guard (1...128).contains(key.unicodeScalars.count), value.unicodeScalars.count <= 256,
                !key.utf8.starts(with: "aws:".utf8)
            else {
                throw SNSError.invalidParameter("Tags")
            }
            guard !parsed.contains(where: { $0.key.utf8.elementsEqual(key.utf8) }) else {
                throw SNSError.invalidParameter("Duplicated keys are not allowed.")
            }
            parsed.append((key, value))
        }
        guard parsed.count <= limit else { throw SNSError.tooManyTags() }
        return parsed
    }
}

extension TopicService {
    @Sendable func tag(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let arn = try await taggable(input, context)
        let tags = try TopicTags.parse(input.structures("Tags"))
        let present = try await database.read { try TagStore.tags(of: arn, account: context.account, in: $0).map(\.key) }
        guard Set(present).union(tags.map(\.key)).count <= TopicTags.limit else { throw SNSError.tooManyTags() }
        try await database.apply(tags.map { TagStore.set($0.key, to: $0.value, of: arn, account: context.account) })
        return [:]
    }

    @Sendable func untag(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let arn = try await taggable(input, context)
        try await database.apply(input.strings("TagKeys").map { TagStore.remove($0, of: arn, account: context.account) })
        return [:]
    }

    @Sendable func listTags(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let arn = try await taggable(input, context)
        let tags = try await database.read { transaction in
            try TagStore.tags(of: arn, account: context.account, in: transaction).map { tag -> APIValue in
                ["Key": .string(tag.key), "Value": .string(tag.value)]
            }
        }
        return ["Tags": .list(tags)]
    }

    private func taggable(_ input: APIStructure, _ context: RequestContext) async throws -> String {
        let arn = try input.requiredString("ResourceArn")
        let name = try topicName(arn, parameter: "ResourceArn", "TagResource", context)
        guard try await database.read({ try TopicStore.find(name: name.name, account: name.account, in: $0) }) != nil else {
            throw SNSError.resourceNotFound()
        }
        return arn
    }
}
