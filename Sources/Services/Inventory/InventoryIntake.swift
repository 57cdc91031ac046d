package import AgentProtocol
import Crypto
import JSONCore
package import Store
package import TimeSource

/// Takes in what agents report of their hosts. Only what has changed is asked for, and only that is written.
package struct InventoryIntake: Sendable {
    private let database: any Database
    private let clock: any ClockSource

    /// An intake into the store.
    package init(database: any Database, clock: any ClockSource) {
        self.database = database
        self.clock = clock
    }

    /// Takes a node's report. What it tells in full is durable when this returns.
    /// - Returns: the types of which the report has the hash alone, and another one than is stored: the node is to send them in full.
    package func take(_ report: InventoryReport, node: String, account: String) async throws -> [String] {
        let known = try await database.read { try InventoryStore.hashes(of: node, account: account, in: $0) }
        let now = clock.now
        var wanted: [String] = []
        var changes: [Statement] = []
        for item in report.items where InventoryTypes.isTypeName(item.typeName) {
            let isKnown = known.contains {
                $0.typeName == item.typeName && $0.schemaVersion == item.schemaVersion && $0.contentHash == item.contentHash
            }
            if isKnown { continue }
            guard let content = item.content else {
                wanted.append(item.typeName)
                continue
            }
            let bytes = JSONWriter.bytes(of: InventoryReport.Item.json(content))
            changes.append(
                InventoryStore.put(
                    InventoryItem(
                        account: account, node: node, typeName: item.typeName, schemaVersion: item.schemaVersion,
                        captureTime: item.captureTime, contentHash: item.contentHash, digest: Array(SHA256.hash(data: bytes)),
                        content: bytes, changedAt: now)))
        }
        if !changes.isEmpty { try await database.apply(changes) }
        return wanted
    }
}
