import AWSProtocols
import Store

/// The rules of groups' own tags.
enum ResourceGroupTags {
    private static let limit = 50

    /// - Throws: `BadRequestException` for reserved keys, and too many.
    static func check(_ tags: [(String, String)]) throws(APIError) -> [(String, String)] {
        for (key, _) in tags where key.utf8.starts(with: "aws:".utf8) {
            throw ResourceGroupError.badRequest("Tag keys that begin with 'aws:' are reserved: '\(key)'")
        }
        guard tags.count <= limit else { throw ResourceGroupError.badRequest("A group has \(limit) tags at most.") }
        return tags
    }
}

extension ResourceGroupService {
    @Sendable func tag(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let arn = try await tagged(input, context)
        let tags = input.stringMap("Tags")
        let present = try await database.read { try TagStore.tags(of: arn, account: context.account, in: $0) }
        _ = try ResourceGroupTags.check(tags + present.filter { old in !tags.contains { $0.0 == old.key } }.map { ($0.key, $0.value) })
        _ = try await apply(tags.map { TagStore.set($0.0, to: $0.1, of: arn, account: context.account) })
        return ["Arn": .string(arn), "Tags": .stringMap(tags)]
    }

    @Sendable func untag(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let arn = try await tagged(input, context)
        let keys = input.strings("Keys")
        _ = try await apply(keys.map { TagStore.remove($0, of: arn, account: context.account) })
        return ["Arn": .string(arn), "Keys": .strings(keys)]
    }

    @Sendable func tags(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let arn = try await tagged(input, context)
        let tags = try await database.read { try TagStore.tags(of: arn, account: context.account, in: $0) }
        return ["Arn": .string(arn), "Tags": .stringMap(tags.map { ($0.key, $0.value) })]
    }

    private func tagged(_ input: APIStructure, _ context: RequestContext) async throws -> String {
        let arn = try input.requiredString("Arn")
        return try await group(try ResourceGroup.name(of: arn, context), context).arn
    }
}
