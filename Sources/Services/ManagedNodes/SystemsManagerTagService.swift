import AWSProtocols
package import Store

/// A kind of resource of Systems Manager that carries tags. The service of each kind registers its own.
package struct TaggableResource: Sendable {
    /// AWS's `ResourceTypeForTagging`: `ManagedInstance`, `Parameter`, …
    package let type: String
    /// Under which id `TagStore` has the tags of a resource; nil when there is no such resource in the caller's account.
    package let tagKey: @Sendable (_ resourceID: String, _ context: RequestContext) async throws -> String?

    /// A kind of resource.
    package init(
        type: String, tagKey: @escaping @Sendable (_ resourceID: String, _ context: RequestContext) async throws -> String?
    ) {
        self.type = type
        self.tagKey = tagKey
    }
}

/// AddTagsToResource, RemoveTagsFromResource and ListTagsForResource, for all kinds of resources that there are.
package struct SystemsManagerTagService: Sendable {
    private let database: any Database
    private let kinds: [String: TaggableResource]

    /// A service for these kinds of resources.
    package init(database: any Database, kinds: [TaggableResource]) {
        self.database = database
        self.kinds = Dictionary(kinds.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        let options = OperationOptions(partial: "resource types " + kinds.keys.sorted().joined(separator: ", "))
        registry.register(service: "ssm", operation: "AddTagsToResource", options: options, handler: add)
        registry.register(service: "ssm", operation: "RemoveTagsFromResource", options: options, handler: remove)
        registry.register(service: "ssm", operation: "ListTagsForResource", options: options, handler: list)
    }

    @Sendable private func add(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let resource = try await resource(input, context)
        let tags = try ResourceTags.parse(input.structures("Tags"))
        let present = try await database.read { try TagStore.tags(of: resource, account: context.account, in: $0).map(\.key) }
        guard Set(present).union(tags.map(\.key)).count <= ResourceTags.limit else {
            throw APIError("TooManyTagsError", "A resource has \(ResourceTags.limit) tags at most.")
        }
        do {
            try await database.apply(
                tags.map { TagStore.set($0.key, to: $0.value, of: resource, account: context.account) })
        } catch {
            throw error.apiError
        }
        return [:]
    }

    @Sendable private func remove(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let resource = try await resource(input, context)
        do {
            try await database.apply(
                input.strings("TagKeys").map { TagStore.remove($0, of: resource, account: context.account) })
        } catch {
            throw error.apiError
        }
        return [:]
    }

    @Sendable private func list(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let resource = try await resource(input, context)
        let tags = try await database.read { try TagStore.tags(of: resource, account: context.account, in: $0) }
        return ["TagList": ResourceTags.value(tags)]
    }

    private func resource(_ input: APIStructure, _ context: RequestContext) async throws -> String {
        let type = try input.requiredString("ResourceType")
        let id = try input.requiredString("ResourceId")
        guard let kind = kinds[type] else {
            throw APIError("InvalidResourceType", "Resources of type \(type) are not supported by Nightshift yet.")
        }
        guard let resource = try await kind.tagKey(id, context) else {
            throw APIError("InvalidResourceId", "The resource ID \(id) is not valid.")
        }
        return resource
    }
}
