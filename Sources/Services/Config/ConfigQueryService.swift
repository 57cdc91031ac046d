import AWSProtocols
import ConfigQueries
package import Engine
import JSONCore
package import Store
package import TimeSource

/// AWS Config's advanced queries over the nodes of an account.
package struct ConfigQueryService: Sendable {
    private static let scanSize = 200
    private static let largestLimit: Int64 = 100
    /// Rows of a page where the request does not say (Config API Reference, SelectResourceConfig).
    private static let itemPage = 25
    private static let groupPage = 500

    private let database: any Database
    private let sessions: NodeSessions
    private let clock: any ClockSource

    /// A service over the store and the connections of nodes.
    package init(database: any Database, sessions: NodeSessions, clock: any ClockSource) {
        self.database = database
        self.sessions = sessions
        self.clock = clock
    }

    /// Adds the operation.
    package func register(in registry: inout OperationRegistry) {
        registry.register(
            service: "config", operation: "SelectResourceConfig",
            options: OperationOptions(
                skipModelConstraints: ["Limit"],
                partial: "over managed nodes: AWS::SSM::ManagedInstanceInventory and AWS::EC2::NetworkInterface"),
            handler: select)
    }

    @Sendable private func select(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let expression = try input.requiredString("Expression")
        let query: Query
        do throws(QueryError) {
            query = try Query(expression)
        } catch {
            throw APIError("InvalidExpressionException", error.message)
        }
        let asked = input.integer("Limit") ?? 0
        guard (0...ConfigQueryService.largestLimit).contains(asked) else {
            throw APIError("InvalidLimitException", "The specified limit is outside the allowable range.")
        }
        let limit = asked > 0 ? Int(asked) : query.isAggregation ? ConfigQueryService.groupPage : ConfigQueryService.itemPage
        let position = try position(input.string("NextToken"), scope: expression)
        let (rows, next) =
            query.isAggregation || !query.order.isEmpty
            ? try await sorted(query, context, from: Int(position?.integer ?? 0), limit: limit)
            : try await scanned(query, context, from: position, limit: limit)
        return [
            "Results": .strings(rows.map { JSONWriter.text(of: $0) }),
            "QueryInfo": ["SelectFields": .list(query.fields.map { ["Name": .string($0.name)] })],
            "NextToken": .optional(next.map { PageToken(operation: "SelectResourceConfig", scope: expression, position: $0).text }),
        ]
    }

    private func position(_ token: String?, scope: String) throws(APIError) -> JSONValue? {
        guard let token else { return nil }
        do throws(PageToken.Fault) {
            return try PageToken.position(in: token, operation: "SelectResourceConfig", scope: scope)
        } catch {
            throw APIError("InvalidNextTokenException", "The specified next token is not valid.")
        }
    }

    /// Groups, and rows in an order, are known when all nodes were looked at.
    private func sorted(
        _ query: Query, _ context: RequestContext, from start: Int, limit: Int
    ) async throws -> (rows: [JSONValue], next: JSONValue?) {
        var result = QueryResult(query)
        try await scan(query, context, after: "") { _, items in
            for item in items { result.add(item.json) }
            return true
        }
        let rows = result.sorted()
        let page = rows.dropFirst(start).prefix(limit)
        return (Array(page), start + page.count < rows.count ? .integer(start + page.count) : nil)
    }

    /// Rows in the order of the nodes, no further than the page reaches. The position is the last node that was shown whole, and how many rows
    /// of the node behind it.
    private func scanned(
        _ query: Query, _ context: RequestContext, from position: JSONValue?, limit: Int
    ) async throws -> (rows: [JSONValue], next: JSONValue?) {
        let (begun, shownBefore) = (position?["node"]?.text, Int(position?["shown"]?.integer ?? 0))
        var whole = position?["after"]?.text ?? ""
        var rows: [JSONValue] = []
        var next: JSONValue?
        try await scan(query, context, after: whole) { node, items in
            let before = node == begun ? shownBefore : 0
            let matching = items.filter { query.matches($0.json) }.dropFirst(before)
            let shown = matching.prefix(limit - rows.count)
            rows += shown.map { query.shown($0.json) }
            guard shown.count == matching.count else {
                next = ["after": .text(whole), "node": .text(node), "shown": .integer(before + shown.count)]
                return false
            }
            whole = node
            return true
        }
        return (rows, next)
    }

    /// Goes through the items of the nodes that may pass, until told to stop.
    private func scan(
        _ query: Query, _ context: RequestContext, after: String,
        _ visit: (_ node: String, _ items: [ConfigurationItem]) -> Bool
    ) async throws {
        let types = query.requiredValues(of: "resourceType")
        let inventory = ConfigQueryService.inventory(of: query)
        let now = clock.now
        let ids = query.requiredValues(of: "resourceId")
        if let ids, ids.isEmpty { return }
        // Interfaces carry the node's id in front of theirs.
        let search = ids.map { [NodeSearch.oneOf(.id, Set($0.map { id in String(id.prefix { $0 != ":" }) }).sorted())] } ?? []
        var last = after
        while true {
            let page = try await database.read { [last] transaction in
                try ManagedNodeStore.list(
                    account: context.account, matching: search, after: last, limit: ConfigQueryService.scanSize, in: transaction
                ).map { record in
                    let found = try InventoryStore.items(of: record.id, account: context.account, types: inventory, in: transaction)
                    let node = NodeInventory(ManagedNode(record, sessions: sessions, now: now), found)
                    let tags = try TagStore.tags(of: record.id, account: context.account, in: transaction)
                    let names = Set(found.map(\.typeName)).union([NodeInventory.information]).sorted()
                    return (
                        record.id,
                        ConfigurationItem.items(of: node, inventory: names, tags: tags, types: types, region: context.region)
                    )
                }
            }
            for (node, items) in page {
                if !visit(node, items) { return }
            }
            guard page.count == ConfigQueryService.scanSize, let end = page.last else { return }
            last = end.0
        }
    }

    /// Which inventory a query looks at; nil for all. Packages are not read for a query of addresses.
    private static func inventory(of query: Query) -> Set<String>? {
        var types: Set<String> = []
        for property in query.properties where property.names[0] == "configuration" {
            guard property.names.count > 1 else { return nil }
            types.insert(property.names[1])
        }
        // Interfaces are made of it.
        if query.requiredValues(of: "resourceType")?.contains(ConfigurationItem.interfaceType) ?? true {
            types.insert(ConfigurationItem.networkType)
        }
        return types
    }
}
