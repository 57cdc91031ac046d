import Store
import TimeSource

extension ConformanceCase {
    /// Nodes, what operators set for them, and their inventory.
    static let nodes: [ConformanceCase] = [
        ConformanceCase("nodes are searched by columns and tags") { subject in
            let database = try await migrated(subject)
            let records = [node(1, version: "3.9.0"), node(2, version: "3.10.0"), node(3, version: "ä.1", role: "other")]
            try await database.apply(records.map(ManagedNodeStore.create))
            try await database.apply([
                TagStore.set("zone", to: "a", of: records[0].id, account: "1"), TagStore.set("zone", to: "b", of: records[1].id, account: "1"),
                TagStore.set("role", to: "web", of: records[1].id, account: "1"), TagStore.set("zone", to: "a", of: records[2].id, account: "2"),
            ])
            let searches: [([NodeSearch], [Int])] = [
                ([], [1, 2, 3]), ([.oneOf(.agentVersion, ["3.9.0", "x"])], [1]), ([.noneOf(.agentVersion, ["3.9.0"])], [2, 3]),
                ([.beginsWith(.agentVersion, ["3.1", "ä"])], [2, 3]), ([.tagged(key: "zone", values: ["a", "b"])], [1, 2]),
                ([.tagged(key: "zone", values: [])], [1, 2]), ([.tagKey(["role", "none"])], [2]), ([.nothing], []),
                ([.oneOf(.role, ["agent"]), .tagged(key: "zone", values: ["b"])], [2]), ([.oneOf(.platformType, ["Linux"])], [1, 2, 3]),
                ([.oneOf(.id, [records[2].id])], [3]), ([.oneOf(.activation, ["none"])], []),
            ]
            for (search, numbers) in searches {
                let found = try await database.read { try ManagedNodeStore.list(account: "1", matching: search, after: "", limit: 10, in: $0) }
                try expect(found.map(\.id), numbers.map { records[$0 - 1].id }, "\(search)")
            }
            let rest = try await database.read {
                try ManagedNodeStore.list(account: "1", matching: [.oneOf(.platformType, ["Linux"])], after: records[0].id, limit: 1, in: $0)
            }
            try expect(rest, [records[1]], "the page behind the first")
            await database.close()
        },
        ConformanceCase("settings of a node are changed by whoever has read the last ones") { subject in
            let database = try await migrated(subject)
            let record = node(1)
            try await database.apply([ManagedNodeStore.create(record)])
            let now = Timestamp(milliseconds: 5)
            try await database.apply([ManagedNodeStore.setSettings(of: record, maintenanceAt: now, runAs: [1, 2])])
            try await database.refuse([ManagedNodeStore.setSettings(of: record, maintenanceAt: nil, runAs: nil)], with: .conflict)
            guard let changed = try await database.read({ try ManagedNodeStore.find(record.id, in: $0) }) else {
                throw ConformanceFailure(description: "the node is gone")
            }
            try expect(changed.maintenance, true, "maintenance")
            try expect(changed.runAs, [1, 2], "settings")
            try await database.apply([ManagedNodeStore.setSettings(of: changed, maintenanceAt: nil, runAs: nil)])
            try expect(try await database.read { try ManagedNodeStore.find(record.id, in: $0) }, .some(record), "node")
            await database.close()
        },
        ConformanceCase("a node has one item of a type, and none that is shown when it has left") { subject in
            let database = try await migrated(subject)
            let record = node(1)
            try await database.apply([ManagedNodeStore.create(record)])
            let (first, second) = (item("AWS:Network", [0, 255], hash: "a"), item("AWS:Network", [1], hash: nil))
            let other = item("Custom:Rack", [2], hash: "b")
            try await database.apply([InventoryStore.put(first), InventoryStore.put(second), InventoryStore.put(other)])
            let found = try await database.read { transaction in
                (
                    all: try InventoryStore.items(of: record.id, account: "1", in: transaction),
                    some: try InventoryStore.items(of: record.id, account: "1", types: ["Custom:Rack", "x"], in: transaction),
                    none: try InventoryStore.items(of: record.id, account: "1", types: [], in: transaction),
                    strange: try InventoryStore.items(of: record.id, account: "2", in: transaction),
                    hashes: try InventoryStore.hashes(of: record.id, account: "1", in: transaction).map(\.contentHash),
                    counts: try InventoryStore.counts(ofType: "Custom:Rack", account: "1", in: transaction).map(\.count)
                )
            }
            try expect(found.all, [second, other], "items")
            try expect(found.some, [other], "items of a type")
            try expect(found.none + found.strange, [], "other items")
            try expect(found.hashes, [nil, "b"], "hashes")
            try expect(found.counts, [1], "counts")
            try await database.apply([ManagedNodeStore.deregister(record.id, account: "1")])
            try expect(try await database.read { try InventoryStore.find("AWS:Network", of: record.id, account: "1", in: $0) == nil }, true, "absence")
            await database.close()
        },
        ConformanceCase("custom types are known until they are forgotten, deletions are remembered") { subject in
            let database = try await migrated(subject)
            let type = InventoryType(typeName: "Custom:Rack", schemaVersion: "1.0", attributes: [91, 93])
            let disabled = InventoryType(typeName: "Custom:Rack", schemaVersion: "1.1", attributes: [91, 93], disabledVersion: "1.1")
            try await database.apply([InventoryStore.put(type, account: "1"), InventoryStore.put(disabled, account: "1")])
            try expect(try await database.read { try InventoryStore.types(account: "1", in: $0) }, [disabled], "types")
            let deletion = InventoryDeletion(id: "d", typeName: "Custom:Rack", startedAt: Timestamp(milliseconds: 1), summary: [0])
            try await database.apply([InventoryStore.removeType("Custom:Rack", account: "1"), InventoryStore.record(deletion, account: "1")])
            try expect(try await database.read { try InventoryStore.types(account: "1", in: $0) }, [], "types left")
            try expect(try await database.read { try InventoryStore.deletions(account: "1", after: "c", limit: 2, in: $0) }, [deletion], "deletions")
            await database.close()
        },
    ]

    private static func node(_ number: Int, version: String = "1.0", role: String = "agent") -> ManagedNodeRecord {
        ManagedNodeRecord(
            id: "mi-\(number)", account: "1", activation: "activation", publicKey: [UInt8(number)], name: nil, role: role, facts: [], toldTags: [],
            lastPingAt: Timestamp(milliseconds: 1), registeredAt: Timestamp(milliseconds: 1), platformType: "Linux", agentVersion: version)
    }

    private static func item(_ type: String, _ content: [UInt8], hash: String?) -> InventoryItem {
        InventoryItem(
            account: "1", node: "mi-1", typeName: type, schemaVersion: "1.0", captureTime: "2026-11-21T10:00:00Z", contentHash: hash,
            digest: content, content: content, changedAt: Timestamp(milliseconds: 7))
    }
}
