import AWSProtocols
package import Engine
import JSONCore
package import Store
package import TimeSource

/// Managed nodes: the Systems Manager operations that show them and take them out of service.
package final class ManagedNodeService: Sendable {
    /// How many rows are read at a time at most where memory decides which of them are shown.
    private static let largestScan = 1_000

    private let database: any Database
    private let coordinator: CommandCoordinator
    private let clock: any ClockSource
    private let agentVersion: String

    /// A service over the store and the nodes' connections.
    /// - Parameter agentVersion: the newest agent's: that of this server.
    package init(database: any Database, coordinator: CommandCoordinator, clock: any ClockSource, agentVersion: String) {
        self.database = database
        self.coordinator = coordinator
        self.clock = clock
        self.agentVersion = agentVersion
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        registry.register(service: "ssm", operation: "DescribeInstanceInformation") { [self] context, input in
            try await list(
                "DescribeInstanceInformation", "InstanceInformationList", try NodeFilter(information: input), context, input
            ) { [agentVersion] in $0.information(agentVersion: agentVersion) }
        }
        registry.register(service: "ssm", operation: "DescribeInstanceProperties") { [self] context, input in
            try await list(
                "DescribeInstanceProperties", "InstanceProperties", try NodeFilter(properties: input), context, input, \.property)
        }
        registry.register(
            service: "ssm", operation: "GetConnectionStatus",
            options: OperationOptions(partial: "connected means that the agent is; there is no Session Manager"),
            handler: connectionStatus)
        registry.register(service: "ssm", operation: "DeregisterManagedInstance", handler: deregister)
        registry.register(service: "ssm", operation: "UpdateManagedInstanceRole", handler: updateRole)
    }

    /// Nodes as resources with tags.
    package var taggable: TaggableResource {
        TaggableResource(type: "ManagedInstance") { [database] id, context in
            let node = try await database.read { try ManagedNodeStore.find(id, in: $0) }
            return node.flatMap { $0.account == context.account && $0.state == .active ? $0.id : nil }
        }
    }

    @Sendable private func deregister(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let id = try input.requiredString("InstanceId")
        guard try await coordinator.deregister(node: id, account: context.account) else { throw RunCommandError.unknownNode(id) }
        // Rows of nodes that are not active are not shown, so a crash before this leaves rows that nobody sees.
        try await database.apply([InventoryStore.removeAll(of: id, account: context.account)])
        return [:]
    }

    @Sendable private func updateRole(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let id = try input.requiredString("InstanceId")
        let isKnown = try await database.applyUnlessConflict([
            ManagedNodeStore.setRole(try input.requiredString("IamRole"), of: id, account: context.account)
        ])
        guard isKnown else { throw RunCommandError.unknownNode(id) }
        return [:]
    }

    @Sendable private func connectionStatus(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let id = try input.requiredString("Target")
        let node = try await database.read { try ManagedNodeStore.find(id, in: $0) }
        let isConnected = node?.account == context.account && node?.state == .active && coordinator.sessions.isOnline(id)
        return ["Target": .string(id), "Status": isConnected ? "connected" : "notconnected"]
    }

    private func list(
        _ operation: String, _ member: String, _ filter: NodeFilter, _ context: RequestContext, _ input: APIStructure,
        _ shown: (ManagedNode) -> APIValue
    ) async throws -> APIStructure {
        let limit = Int(input.integer("MaxResults") ?? 50)
        let after = try RunCommandToken.text(input.string("NextToken"), operation: operation) ?? ""
        let (sessions, now) = (coordinator.sessions, clock.now)
        let (nodes, isMore) = try await database.read { transaction in
            var found: [ManagedNode] = []
            var last = after
            // One more than is shown tells whether there is more.
            var scan = limit + 1
            while true {
                let page = try ManagedNodeStore.list(
                    account: context.account, matching: filter.search, after: last, limit: scan, in: transaction)
                for record in page {
                    let node = ManagedNode(record, sessions: sessions, now: now)
                    guard filter.matches(node) else { continue }
                    if found.count == limit { return (found, true) }
                    found.append(node)
                }
                guard page.count == scan, let end = page.last else { return (found, false) }
                last = end.id
                scan = min(2 * scan, ManagedNodeService.largestScan)
            }
        }
        return [
            member: .list(nodes.map(shown)),
            "NextToken": .optional(
                isMore ? nodes.last.map { RunCommandToken.token(.text($0.record.id), operation: operation) } : nil),
        ]
    }
}
