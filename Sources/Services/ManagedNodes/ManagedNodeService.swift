import AWSProtocols
import AgentProtocol
package import Engine
import JSONCore
package import Store
import TimeSource

/// Managed nodes: the Systems Manager operations that show them and take them out of service.
package final class ManagedNodeService: Sendable {
    private let database: any Database
    private let coordinator: CommandCoordinator

    /// A service over the store and the nodes' connections.
    package init(database: any Database, coordinator: CommandCoordinator) {
        self.database = database
        self.coordinator = coordinator
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        registry.register(service: "ssm", operation: "DescribeInstanceInformation", handler: describe)
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

    @Sendable private func describe(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let filter = try NodeFilter(input)
        let limit = Int(input.integer("MaxResults") ?? 50)
        let after = try RunCommandToken.text(input.string("NextToken"), operation: "DescribeInstanceInformation") ?? ""
        let sessions = coordinator.sessions
        let (shown, last) = try await database.read { transaction in
            var shown: [ManagedNode] = []
            var last = after
            while shown.count < limit {
                let page = try ManagedNodeStore.list(
                    account: context.account, after: last, limit: limit - shown.count, in: transaction)
                for record in page {
                    let node = ManagedNode(record, sessions: sessions)
                    if try filter.matches(node, in: transaction) { shown.append(node) }
                }
                guard let end = page.last else { return (shown, nil as String?) }
                last = end.id
            }
            let isMore = try !ManagedNodeStore.list(account: context.account, after: last, limit: 1, in: transaction).isEmpty
            return (shown, isMore ? last : nil)
        }
        return [
            "InstanceInformationList": .list(shown.map(\.information)),
            "NextToken": .optional(last.map { RunCommandToken.token(.text($0), operation: "DescribeInstanceInformation") }),
        ]
    }
}
