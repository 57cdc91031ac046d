import AWSProtocols
import JSONCore
package import Store
package import TimeSource

/// AWS Resource Groups: names for all resources whose tags match a query, such as the targets of a command.
package final class ResourceGroupService: Sendable {
    private static let pageSize: Int64 = 50

    let database: any Database
    private let clock: any ClockSource

    /// A service over the store.
    package init(database: any Database, clock: any ClockSource) {
        self.database = database
        self.clock = clock
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        let queries = OperationOptions(partial: "TAG_FILTERS_1_0 alone: there are no CloudFormation stacks and no group configurations")
        registry.register(service: "resource-groups", operation: "CreateGroup", options: queries, handler: create)
        registry.register(service: "resource-groups", operation: "GetGroup", handler: get)
        registry.register(service: "resource-groups", operation: "GetGroupQuery", handler: getQuery)
        registry.register(service: "resource-groups", operation: "UpdateGroup", handler: update)
        registry.register(service: "resource-groups", operation: "UpdateGroupQuery", options: queries, handler: updateQuery)
        registry.register(service: "resource-groups", operation: "DeleteGroup", handler: delete)
        registry.register(service: "resource-groups", operation: "ListGroups", handler: list)
        registry.register(service: "resource-groups", operation: "ListGroupResources", handler: listResources)
        registry.register(service: "resource-groups", operation: "SearchResources", options: queries, handler: search)
        registry.register(service: "resource-groups", operation: "Tag", handler: tag)
        registry.register(service: "resource-groups", operation: "Untag", handler: untag)
        registry.register(service: "resource-groups", operation: "GetTags", handler: tags)
    }

    // MARK: Groups

    @Sendable private func create(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        guard !name.lowercased().hasPrefix("aws") else {
            throw ResourceGroupError.badRequest("Group name not valid: names that begin with aws are reserved.")
        }
        guard input.list("Configuration")?.isEmpty ?? true else {
            throw ResourceGroupError.badRequest("Nightshift has no group configurations: give a ResourceQuery.")
        }
        guard let wanted = input.structure("ResourceQuery") else {
            throw ResourceGroupError.badRequest("A ResourceQuery must be given.")
        }
        let query = try ResourceQuery(wanted)
        let tags = try ResourceGroupTags.check(input.stringMap("Tags"))
        let record = ResourceGroupRecord(
            account: context.account, name: name, facts: ResourceGroup.facts(of: input), query: Array(query.text.utf8),
            createdAt: clock.now)
        let group = ResourceGroup(record, context)
        let isDone = try await apply(
            [ResourceGroupStore.create(record)]
                + tags.map { TagStore.set($0.0, to: $0.1, of: group.arn, account: context.account) })
        guard isDone else { throw ResourceGroupError.nameTaken() }
        return ["Group": group.group, "ResourceQuery": query.value, "Tags": .stringMap(tags)]
    }

    @Sendable private func get(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        ["Group": try await group(input, context).group]
    }

    @Sendable private func getQuery(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let group = try await group(input, context)
        return ["GroupQuery": ["GroupName": .string(group.record.name), "ResourceQuery": try group.query().value]]
    }

    @Sendable private func update(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let old = try await group(input, context).record
        let facts = ResourceGroup.facts(of: input, over: old.facts)
        guard try await apply([ResourceGroupStore.setFacts(facts, of: old.name, account: old.account)]) else {
            throw ResourceGroupError.notFound(old.name)
        }
        let new = ResourceGroupRecord(
            account: old.account, name: old.name, facts: facts, query: old.query, createdAt: old.createdAt)
        return ["Group": ResourceGroup(new, context).group]
    }

    @Sendable private func updateQuery(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let query = try ResourceQuery(input.structure("ResourceQuery") ?? [:])
        let name = try await group(input, context).record.name
        guard try await apply([ResourceGroupStore.setQuery(Array(query.text.utf8), of: name, account: context.account)]) else {
            throw ResourceGroupError.notFound(name)
        }
        return ["GroupQuery": ["GroupName": .string(name), "ResourceQuery": query.value]]
    }

    @Sendable private func delete(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let group = try await group(input, context)
        let isDone = try await apply([
            ResourceGroupStore.delete(group.record.name, account: context.account),
            TagStore.removeAll(of: group.arn, account: context.account),
        ])
        guard isDone else { throw ResourceGroupError.notFound(group.record.name) }
        return ["Group": group.group]
    }

    @Sendable private func list(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let filters = input.structures("Filters").map { ($0.string("Name") ?? "", $0.strings("Values")) }
        let limit = Int(input.integer("MaxResults") ?? ResourceGroupService.pageSize)
        let position = try token(input, "ListGroups")
        let records = try await database.read {
            try ResourceGroupStore.list(account: context.account, after: position, limit: limit + 1, in: $0)
        }
        let groups = records.prefix(limit).map { ResourceGroup($0, context) }
        let shown = try groups.filter { group in
            let types = try group.query().types
            return filters.allSatisfy { name, values in
                switch name {
                case "resource-type": values.contains { types.contains($0) }
                case "owner", "display-name", "criticality": group.has(name, oneOf: values)
                // No group has a configuration.
                default: false
                }
            }
        }
        return [
            "GroupIdentifiers": .list(shown.map(\.identifier)), "Groups": .list(shown.map(\.group)),
            "NextToken": nextToken(records.count > limit ? groups.last?.record.name : nil, "ListGroups"),
        ]
    }

    // MARK: Parts

    /// The group that a request names, by `Group` or the older `GroupName`.
    func group(_ input: APIStructure, _ context: RequestContext) async throws -> ResourceGroup {
        guard let text = input.string("Group") ?? input.string("GroupName") else {
            throw ResourceGroupError.badRequest("A group must be named.")
        }
        return try await group(try ResourceGroup.name(of: text, context), context)
    }

    /// The group of a name.
    func group(_ name: String, _ context: RequestContext) async throws -> ResourceGroup {
        let record = try await database.read { try ResourceGroupStore.find(name, account: context.account, in: $0) }
        guard let record else { throw ResourceGroupError.notFound(name) }
        return ResourceGroup(record, context)
    }

    /// False for a conflict.
    func apply(_ statements: [Statement]) async throws(APIError) -> Bool {
        do throws(StoreError) {
            try await database.apply(statements)
            return true
        } catch {
            if error.code == .conflict { return false }
            throw error.apiError
        }
    }

    func token(_ input: APIStructure, _ operation: String, scope: String = "") throws(APIError) -> String {
        guard let text = input.string("NextToken") else { return "" }
        let token = text.replacing("+", with: "-").replacing("/", with: "_")
        do throws(PageToken.Fault) {
            return try PageToken.position(in: token, operation: operation, scope: scope).text ?? ""
        } catch {
            throw ResourceGroupError.invalidToken()
        }
    }

    func nextToken(_ position: String?, _ operation: String, scope: String = "") -> APIValue {
        // The model's tokens are of the standard alphabet.
        .optional(
            position.map {
                PageToken(operation: operation, scope: scope, position: .text($0)).text.replacing("-", with: "+").replacing("_", with: "/")
            })
    }
}

extension ResourceGroup {
    /// Whether it shows one of these values under the fact that a filter names.
    fileprivate func has(_ filter: String, oneOf values: [String]) -> Bool {
        let facts = (try? JSONParser.parse(record.facts)) ?? .null
        switch filter {
        case "owner": return facts["Owner"]?.text.map(values.contains) ?? false
        case "display-name": return facts["DisplayName"]?.text.map(values.contains) ?? false
        default: return facts["Criticality"]?.integer.map { values.contains(String($0)) } ?? false
        }
    }
}
