import AWSProtocols
import Engine
import Store

/// The rules of rules' tags (EventBridge API Reference, Tag).
enum RuleTags {
    /// How many tags a rule may have.
    static let limit = 50

    /// Reads a list of `{Key, Value}`; the model has checked the lengths.
    static func parse(_ tags: [APIStructure]) throws(APIError) -> [(key: String, value: String)] {
        var parsed: [(key: String, value: String)] = []
        for tag in tags {
            let key = try tag.requiredString("Key")
            guard !key.utf8.starts(with: "aws:".utf8) else {
                throw EventsError.invalidParameter("Tags", reason: "Tag keys that begin with aws: are reserved.")
            }
            guard !parsed.contains(where: { $0.key.utf8.elementsEqual(key.utf8) }) else {
                throw EventsError.invalidParameter("Tags", reason: "Duplicate keys are not allowed.")
            }
            parsed.append((key, tag.string("Value") ?? ""))
        }
        guard parsed.count <= limit else { throw EventsError.limitExceeded() }
        return parsed
    }
}

extension RuleService {
    @Sendable func tag(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let tags = try RuleTags.parse(input.structures("Tags"))
        let arn = try await taggable(input, context)
        let present = try await database.read { try TagStore.tags(of: arn, account: context.account, in: $0).map(\.key) }
        guard Set(present).union(tags.map(\.key)).count <= RuleTags.limit else { throw EventsError.limitExceeded() }
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

    /// The ARN of a rule or bus that is there.
    private func taggable(_ input: APIStructure, _ context: RequestContext) async throws -> String {
        let text = try input.requiredString("ResourceARN")
        guard let arn = ARN(text), arn.service == "events", arn.account == context.account, let path = arn.resourceID else {
            throw EventsError.invalidParameter("ResourceARN", reason: EventsError.invalidARNReason)
        }
        switch arn.resourceType {
        case "rule":
            let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
            let bus = try await requireBus(parts.count == 2 ? parts[0] : RuleRecord.defaultBus, context)
            return try await rule(parts.last ?? path, bus: bus, context).arn(region: context.region)
        case "event-bus":
            return EventBusName.arn(try await requireBus(path, context), context)
        default:
            throw EventsError.invalidParameter("ResourceARN", reason: EventsError.invalidARNReason)
        }
    }
}
