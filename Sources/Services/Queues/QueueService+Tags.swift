import AWSProtocols
import Engine
import Store

extension QueueService {
    @Sendable func tag(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let queue = try record(input, context).name
        let tags = input.stringMap("Tags")
        guard !tags.isEmpty else { throw SQSError.missing("Tags") }
        try QueueTags.check(tags)
        let present = try await self.tags(of: queue).map(\.key)
        guard Set(present).union(tags.map(\.0)).count <= QueueTags.limit else { throw QueueTags.tooMany() }
        try await apply(tags.map { TagStore.set($0.0, to: $0.1, of: queue.arn(region: region), account: queue.account) })
        return [:]
    }

    @Sendable func untag(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let queue = try record(input, context).name
        let keys = input.strings("TagKeys")
        guard !keys.isEmpty else { throw SQSError.missing("TagKeys") }
        try await apply(keys.map { TagStore.remove($0, of: queue.arn(region: region), account: queue.account) })
        return [:]
    }

    @Sendable func listTags(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let tags = try await tags(of: try record(input, context).name)
        return tags.isEmpty ? [:] : ["Tags": .stringMap(tags.map { ($0.key, $0.value) })]
    }

    private func tags(of queue: QueueName) async throws -> [(key: String, value: String)] {
        do {
            return try await database.read { [region] in
                try TagStore.tags(of: queue.arn(region: region), account: queue.account, in: $0)
            }
        } catch let error as StoreError {
            throw error.apiError
        }
    }

    private func apply(_ statements: [Statement]) async throws(APIError) {
        do throws(StoreError) {
            try await database.apply(statements)
        } catch {
            throw error.apiError
        }
    }
}
