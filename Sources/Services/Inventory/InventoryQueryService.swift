import AWSProtocols
package import Engine
import JSONCore
package import Store
package import TimeSource

/// GetInventory, GetInventorySchema, ListInventoryEntries: what is known of nodes.
package struct InventoryQueryService: Sendable {
    private static let scanSize = 200

    private let database: any Database
    private let sessions: NodeSessions
    private let clock: any ClockSource

    /// A service over the store and the connections of nodes.
    package init(database: any Database, sessions: NodeSessions, clock: any ClockSource) {
        self.database = database
        self.sessions = sessions
        self.clock = clock
    }

    /// Adds the operations.
    package func register(in registry: inout OperationRegistry) {
        registry.register(
            service: "ssm", operation: "GetInventory", options: OperationOptions(partial: "one nested aggregator in each"), handler: getInventory)
        registry.register(service: "ssm", operation: "GetInventorySchema", handler: getSchema)
        registry.register(service: "ssm", operation: "ListInventoryEntries", handler: listEntries)
    }

    // MARK: GetInventory

    @Sendable private func getInventory(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        var filters: [InventoryFilter] = []
        for filter in input.structures("Filters") { filters.append(try InventoryFilter(filter)) }
        var aggregations: [InventoryAggregation] = []
        for aggregator in input.structures("Aggregators") { aggregations.append(try InventoryAggregation(aggregator)) }
        let attributes = input.structures("ResultAttributes").compactMap { $0.string("TypeName") }
        for name in attributes where !InventoryTypes.isTypeName(name) { throw InventoryError.invalidTypeName(name) }
        guard attributes.isEmpty || aggregations.isEmpty else {
            throw APIError("InvalidResultAttributeException", "ResultAttributes and Aggregators cannot be given together.")
        }
        let after = try RunCommandToken.text(input.string("NextToken"), operation: "GetInventory") ?? ""
        if !aggregations.isEmpty {
            let types = aggregations.reduce(into: Set(filters.flatMap(\.typeNames))) { $0.formUnion($1.typeNames) }
            _ = try await scan(context, filters, types: types, after: "") { node in
                for index in aggregations.indices { aggregations[index].add(node) }
                return true
            }
            return ["Entities": .list(aggregations.flatMap(\.entities))]
        }
        let shown = attributes.isEmpty ? [NodeInventory.information] : attributes
        let limit = Int(input.integer("MaxResults") ?? 50)
        var found: [NodeInventory] = []
        let isMore = try await scan(context, filters, types: Set(shown).union(filters.flatMap(\.typeNames)), after: after) { node in
            if found.count == limit { return false }
            found.append(node)
            return true
        }
        return [
            "Entities": .list(
                found.map { node in
                    let data = shown.compactMap { name in node.result(of: name).map { (name, $0) } }
                    return ["Id": .string(node.node.record.id), "Data": .structure(APIStructure(data))]
                }),
            "NextToken": .optional(
                isMore ? found.last.map { RunCommandToken.token(.text($0.node.record.id), operation: "GetInventory") } : nil),
        ]
    }

    /// Goes through the nodes that pass, ordered by id, until told to stop.
    /// - Returns: whether it was told to stop.
    private func scan(
        _ context: RequestContext, _ filters: [InventoryFilter], types: Set<String>, after: String, _ visit: (NodeInventory) -> Bool
    ) async throws -> Bool {
        let now = clock.now
        // A filter on the id needs no look at the other nodes.
        let ids = filters.filter { $0.typeName == NodeInventory.information && $0.attribute == "InstanceId" && $0.comparison == .equal }
        let search = ids.map { NodeSearch.oneOf(.id, $0.values) }
        var last = after
        while true {
            let page = try await database.read { [last] transaction in
                try ManagedNodeStore.list(
                    account: context.account, matching: search, after: last, limit: InventoryQueryService.scanSize, in: transaction
                ).map { record in
                    NodeInventory(
                        ManagedNode(record, sessions: sessions, now: now),
                        try InventoryStore.items(of: record.id, account: context.account, types: types, in: transaction))
                }
            }
            for node in page where InventoryFilter.matches(filters, node) {
                if !visit(node) { return true }
            }
            guard page.count == InventoryQueryService.scanSize, let end = page.last else { return false }
            last = end.node.record.id
        }
    }

    // MARK: One node's entries

    @Sendable private func listEntries(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let (id, typeName) = (try input.requiredString("InstanceId"), try input.requiredString("TypeName"))
        guard InventoryTypes.isTypeName(typeName) else { throw InventoryError.invalidTypeName(typeName) }
        var filters: [InventoryFilter] = []
        for filter in input.structures("Filters") { filters.append(try InventoryFilter(filter, impliedType: typeName)) }
        let scope = "\(id) \(typeName)"
        let start = Int(try RunCommandToken.value(input.string("NextToken"), operation: "ListInventoryEntries", scope: scope)?.integer ?? 0)
        let limit = Int(input.integer("MaxResults") ?? 50)
        let read = try await database.read { transaction in
            try ManagedNodeStore.find(id, in: transaction).map { record in
                (record, try InventoryStore.items(of: id, account: context.account, types: [typeName], in: transaction))
            }
        }
        guard let (record, items) = read, record.account == context.account, record.state == .active else {
            throw RunCommandError.unknownNode(id)
        }
        let node = NodeInventory(ManagedNode(record, sessions: sessions, now: clock.now), items)
        let entries = node.entries(of: typeName).filter { entry in filters.allSatisfy { $0.matches(entry) } }
        let page = entries.dropFirst(start).prefix(limit)
        let isMore = start + page.count < entries.count
        let result = node.result(of: typeName)?.structure
        return [
            "TypeName": .string(typeName), "InstanceId": .string(id), "SchemaVersion": .optional(result?.string("SchemaVersion")),
            "CaptureTime": .optional(result?.string("CaptureTime")), "Entries": NodeInventory.content(page),
            "NextToken": .optional(
                isMore ? RunCommandToken.token(.integer(start + page.count), operation: "ListInventoryEntries", scope: scope) : nil),
        ]
    }

    // MARK: Schemas

    @Sendable private func getSchema(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let prefix = input.string("TypeName") ?? ""
        let after = try RunCommandToken.text(input.string("NextToken"), operation: "GetInventorySchema", scope: prefix) ?? ""
        let limit = Int(input.integer("MaxResults") ?? 50)
        let custom = try await database.read { try InventoryStore.types(account: context.account, in: $0) }
        let all =
            input.bool("Aggregator") == true
            ? InventoryTypes.aggregated : InventoryTypes.defined + custom.map(InventoryQueryService.schema)
        let schemas = all.sorted { $0.typeName < $1.typeName }
        let wanted = schemas.filter { schema in
            // No type of ours has subtypes.
            input.bool("SubType") != true && schema.typeName.utf8.starts(with: prefix.utf8) && schema.typeName > after
        }
        guard !wanted.isEmpty || prefix.isEmpty || !after.isEmpty || InventoryQueryService.isPrefix(prefix) else {
            throw InventoryError.invalidTypeName(prefix)
        }
        let page = wanted.prefix(limit)
        return [
            "Schemas": .list(page.map(InventoryQueryService.describe)),
            "NextToken": .optional(
                page.count < wanted.count
                    ? page.last.map { RunCommandToken.token(.text($0.typeName), operation: "GetInventorySchema", scope: prefix) } : nil),
        ]
    }

    private static func isPrefix(_ text: String) -> Bool {
        ["AWS", "AWS:", "Custom", "Custom:"].contains(text) || text.utf8.starts(with: "Custom:".utf8)
    }

    private static func schema(_ type: InventoryType) -> InventoryTypes.Schema {
        InventoryTypes.Schema(
            typeName: type.typeName, version: type.schemaVersion,
            attributes: InventoryCustomType(type).attributes.map { InventoryTypes.Attribute($0) })
    }

    private static func describe(_ schema: InventoryTypes.Schema) -> APIValue {
        [
            "TypeName": .string(schema.typeName), "Version": .string(schema.version), "DisplayName": .optional(schema.displayName),
            "Attributes": .list(
                schema.attributes.map { ["Name": .string($0.name), "DataType": $0.isNumber ? "number" : "string"] }),
        ]
    }
}
