import AWSProtocols
import Crypto
import JSONCore
package import Store
package import TimeSource

/// PutInventory, DeleteInventory, DescribeInventoryDeletions: what others than agents say of nodes.
package struct InventoryService: Sendable {
    /// How large the items of one request may be, bytes (Systems Manager endpoints and quotas, "Inventory").
    private static let totalLimit = 1_048_576
    private static let itemLimit = 1_048_576
    private static let customItemLimit = 204_800
    private static let customTypeLimit = 20

    private let database: any Database
    private let clock: any ClockSource
    private let identifiers: IdentifierSource

    /// A service over the store.
    package init(database: any Database, clock: any ClockSource, identifiers: IdentifierSource) {
        self.database = database
        self.clock = clock
        self.identifiers = identifiers
    }

    /// Adds the operations.
    package func register(in registry: inout OperationRegistry) {
        registry.register(
            service: "ssm", operation: "PutInventory", options: OperationOptions(partial: "AWS:ComplianceItem has no Context"), handler: put)
        registry.register(service: "ssm", operation: "DeleteInventory", handler: delete)
        registry.register(service: "ssm", operation: "DescribeInventoryDeletions", handler: describeDeletions)
    }

    // MARK: Putting

    @Sendable private func put(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let id = try input.requiredString("InstanceId")
        let read = try await database.read { transaction in
            try ManagedNodeStore.find(id, in: transaction).map { node in
                (
                    node: node, items: try InventoryStore.items(of: id, account: context.account, in: transaction),
                    types: try InventoryStore.types(account: context.account, in: transaction)
                )
            }
        }
        guard let read, read.node.account == context.account, read.node.state == .active else { throw RunCommandError.unknownNode(id) }
        var types = read.types.map { InventoryCustomType($0) }
        var changes: [Statement] = []
        var total = 0
        var seen: Set<String> = []
        for structure in input.structures("Items") {
            let item = try InventoryItemInput(structure)
            guard seen.insert(item.typeName).inserted else {
                throw InventoryError.invalidContent(item.typeName, "the type is given more than once.")
            }
            let known = read.items.first { $0.typeName == item.typeName }
            guard let content = item.content else {
                guard let known, known.contentHash != nil, known.contentHash == item.contentHash else {
                    throw InventoryError.contentMismatch(item.typeName)
                }
                changes.append(InventoryStore.recordCapture(item.captureTime, contentHash: item.contentHash, of: known))
                continue
            }
            let bytes = JSONWriter.bytes(of: content)
            total += bytes.count
            let limit = InventoryTypes.isCustom(item.typeName) ? InventoryService.customItemLimit : InventoryService.itemLimit
            guard bytes.count <= limit else { throw InventoryError.itemSize(item.typeName, limit: limit) }
            guard total <= InventoryService.totalLimit else { throw InventoryError.totalSize(limit: InventoryService.totalLimit) }
            if InventoryTypes.isCustom(item.typeName) {
                guard let type = try learn(item, in: &types) else { continue }
                changes.append(InventoryStore.put(type.stored, account: context.account))
            }
            let digest = Array(SHA256.hash(data: bytes))
            if let known, known.digest == digest, known.schemaVersion == item.schemaVersion {
                changes.append(InventoryStore.recordCapture(item.captureTime, contentHash: item.contentHash, of: known))
            } else {
                changes.append(
                    InventoryStore.put(
                        InventoryItem(
                            account: context.account, node: id, typeName: item.typeName, schemaVersion: item.schemaVersion,
                            captureTime: item.captureTime, contentHash: item.contentHash, digest: digest, content: bytes, changedAt: clock.now)))
            }
        }
        do {
            try await database.apply(changes)
        } catch {
            throw error.apiError
        }
        return [:]
    }

    /// Makes a custom type known by its item; nil when items of that version are ignored.
    private func learn(_ item: InventoryItemInput, in types: inout [InventoryCustomType]) throws(APIError) -> InventoryCustomType? {
        var index = types.firstIndex { $0.typeName == item.typeName }
        if index == nil {
            guard types.count < InventoryService.customTypeLimit else { throw InventoryError.customTypes(limit: InventoryService.customTypeLimit) }
            types.append(InventoryCustomType(item.typeName, version: item.schemaVersion))
            index = types.count - 1
        }
        guard let index, !types[index].ignores(item.schemaVersion) else { return nil }
        types[index].learn(version: item.schemaVersion, attributes: item.attributes)
        return types[index]
    }

    // MARK: Deleting

    @Sendable private func delete(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let typeName = try input.requiredString("TypeName")
        guard InventoryTypes.isCustom(typeName) else {
            throw APIError("InvalidDeleteInventoryParametersException", "Only custom inventory types can be deleted, not \(typeName).")
        }
        let id = input.string("ClientToken") ?? identifiers.uuid()
        let read = try await database.read { transaction in
            (
                type: try InventoryStore.types(account: context.account, in: transaction).first { $0.typeName == typeName },
                counts: try InventoryStore.counts(ofType: typeName, account: context.account, in: transaction),
                // The same token again is the same deletion.
                former: try InventoryStore.deletions(account: context.account, after: "", limit: 10_000, in: transaction).first { $0.id == id }
            )
        }
        if let former = read.former {
            guard former.typeName == typeName else {
                throw APIError("InvalidInventoryRequestException", "The client token was used for another inventory type.")
            }
            return InventoryService.answer(former)
        }
        guard let type = read.type else { throw InventoryError.invalidTypeName(typeName) }
        let isDryRun = input.bool("DryRun") == true
        let deletion = InventoryDeletion(
            id: id, typeName: typeName, startedAt: clock.now,
            summary: JSONWriter.bytes(of: InventoryService.summary(read.counts, isDone: !isDryRun)))
        if isDryRun { return InventoryService.answer(deletion) }
        var custom = InventoryCustomType(type)
        custom.disable()
        let schema =
            input.string("SchemaDeleteOption") == "DisableSchema"
            ? InventoryStore.put(custom.stored, account: context.account) : InventoryStore.removeType(typeName, account: context.account)
        do {
            try await database.apply([
                InventoryStore.removeAll(ofType: typeName, account: context.account), schema,
                InventoryStore.record(deletion, account: context.account),
            ])
        } catch {
            throw error.apiError
        }
        return InventoryService.answer(deletion)
    }

    private static func summary(_ counts: [(version: String, count: Int64)], isDone: Bool) -> JSONValue {
        let total = counts.reduce(Int64(0)) { $0 + $1.count }
        return [
            "TotalCount": .integer(total), "RemainingCount": .integer(isDone ? 0 : total),
            "SummaryItems": .array(
                counts.map { ["Version": .text($0.version), "Count": .integer($0.count), "RemainingCount": .integer(isDone ? 0 : $0.count)] }),
        ]
    }

    private static func answer(_ deletion: InventoryDeletion) -> APIStructure {
        [
            "DeletionId": .string(deletion.id), "TypeName": .string(deletion.typeName),
            "DeletionSummary": (try? JSONParser.parse(deletion.summary)).map { APIValue($0) } ?? .null,
        ]
    }

    @Sendable private func describeDeletions(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let wanted = input.string("DeletionId")
        let after = try RunCommandToken.text(input.string("NextToken"), operation: "DescribeInventoryDeletions") ?? ""
        let limit = Int(input.integer("MaxResults") ?? 50)
        var deletions = try await database.read { transaction in
            try InventoryStore.deletions(account: context.account, after: after, limit: wanted == nil ? limit + 1 : 10_000, in: transaction)
        }
        if let wanted {
            deletions = deletions.filter { $0.id == wanted }
            guard !deletions.isEmpty else {
                throw APIError("InvalidDeletionIdException", "The ID specified for the delete operation does not exist or is not valid: \(wanted).")
            }
        }
        let page = deletions.prefix(limit)
        return [
            "InventoryDeletions": .list(
                page.map { deletion in
                    var item = InventoryService.answer(deletion)
                    item.append("DeletionStartTime", .timestamp(deletion.startedAt.milliseconds))
                    item.append("LastStatus", "Complete")
                    item.append("LastStatusMessage", "Deletion is complete")
                    item.append("LastStatusUpdateTime", .timestamp(deletion.startedAt.milliseconds))
                    return .structure(item)
                }),
            "NextToken": .optional(
                page.count < deletions.count
                    ? page.last.map { RunCommandToken.token(.text($0.id), operation: "DescribeInventoryDeletions") } : nil),
        ]
    }
}
