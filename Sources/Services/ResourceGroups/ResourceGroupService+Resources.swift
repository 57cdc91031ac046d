import AWSProtocols
import Store

extension ResourceGroupService {
    private static let defaultPage: Int64 = 50
    /// How many tagged resources a call looks at before it answers with what it has found (core rule 3).
    private static let scanLimit = 5_000
    private static let page = 500

    @Sendable func listResources(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let group = try await group(input, context)
        var types: [ResourceTypeFilter] = []
        for filter in input.structures("Filters") { types.append(try ResourceTypeFilter(filter.strings("Values"))) }
        let (resources, next) = try await resources(
            of: try group.query(), among: types, after: try token(input, "ListGroupResources", scope: group.record.name),
            limit: Int(input.integer("MaxResults") ?? ResourceGroupService.defaultPage), context)
        return [
            "Resources": .list(resources.map { ["Identifier": $0.value] }),
            "ResourceIdentifiers": .list(resources.map(\.value)),
            "NextToken": nextToken(next, "ListGroupResources", scope: group.record.name), "QueryErrors": [],
        ]
    }

    @Sendable func search(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let query = try ResourceQuery(input.structure("ResourceQuery") ?? [:])
        let (resources, next) = try await resources(
            of: query, among: [], after: try token(input, "SearchResources", scope: query.text),
            limit: Int(input.integer("MaxResults") ?? ResourceGroupService.defaultPage), context)
        return [
            "ResourceIdentifiers": .list(resources.map(\.value)),
            "NextToken": nextToken(next, "SearchResources", scope: query.text), "QueryErrors": [],
        ]
    }

    private func resources(
        of query: ResourceQuery, among types: [ResourceTypeFilter], after position: String, limit: Int, _ context: RequestContext
    ) async throws -> (resources: [GroupedResource], next: String?) {
        try await database.read { transaction in
            var found: [GroupedResource] = []
            var last = position
            var scanned = 0
            while scanned < ResourceGroupService.scanLimit {
                let ids = try TagStore.resources(
                    meeting: query.tags, account: context.account, after: last, limit: ResourceGroupService.page, in: transaction)
                for id in ids {
                    if found.count == limit { return (found, last) }
                    last = id
                    guard let resource = GroupedResource(tagged: id, context), query.types.contains(resource.type),
                        types.allSatisfy({ $0.contains(resource.type) })
                    else { continue }
                    found.append(resource)
                }
                if ids.count < ResourceGroupService.page { return (found, nil) }
                scanned += ids.count
            }
            return (found, last)
        }
    }
}
