import APIModels
import AWSProtocols
package import Engine
import Logging
package import Store
package import TimeSource

/// What operators decide about single nodes: maintenance, as whom jobs run there, and that a node is lost. Own operations.
package struct NodeSettingsService: Sendable {
    private let database: any Database
    private let coordinator: CommandCoordinator
    private let clock: any ClockSource

    /// A service over the store and what runs on nodes.
    package init(database: any Database, coordinator: CommandCoordinator, clock: any ClockSource) {
        self.database = database
        self.coordinator = coordinator
        self.clock = clock
    }

    /// Adds the operations.
    package func register(in registry: inout OperationRegistry) {
        registry.register(service: ModelCatalogue.ownService, operation: "DescribeNodeSettings") { context, input in
            try await describe(try await node(input, context))
        }
        registry.register(service: ModelCatalogue.ownService, operation: "UpdateNodeSettings") { context, input in
            try context.requireAdministrator("UpdateNodeSettings")
            return try await update(context, input)
        }
        registry.register(service: ModelCatalogue.ownService, operation: "DeclareNodeLost") { context, input in
            try context.requireAdministrator("DeclareNodeLost")
            return try await declareLost(context, input)
        }
    }

    private func update(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let changed = try await retryingConflicts {
            let node = try await node(input, context)
            var settings = NodeSettings(stored: node.runAs)
            try settings.change(by: input)
            let maintenanceAt: Timestamp? =
                switch input.bool("Maintenance") {
                case nil: node.maintenanceAt
                case true?: node.maintenanceAt ?? clock.now
                case false?: nil
                }
            try await database.apply([ManagedNodeStore.setSettings(of: node, maintenanceAt: maintenanceAt, runAs: settings.stored)])
            return (was: node.maintenance, id: node.id, isMaintained: maintenanceAt != nil)
        }
        if changed.was != changed.isMaintained {
            context.logger.notice(
                changed.isMaintained ? "node maintenance began" : "node maintenance ended",
                metadata: ["instance-id": "\(changed.id)", "by": "\(context.principal.arn)"])
        }
        // What has waited is offered at once.
        if changed.was, !changed.isMaintained { coordinator.sessions.wake(changed.id) }
        return try await describe(try await node(input, context))
    }

    private func declareLost(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let node = try await node(input, context)
        guard input.bool("Force") == true || !coordinator.sessions.isOnline(node.id) else {
            throw APIError("NodeOnlineException", "The node \(node.id) is connected. What it runs can be cancelled; to declare it lost all the same, force it.")
        }
        let count = try await coordinator.declareLost(node: node.id, account: context.account)
        context.logger.notice(
            "node declared lost", metadata: ["instance-id": "\(node.id)", "commands": "\(count)", "by": "\(context.principal.arn)"])
        return ["InstanceId": .string(node.id), "FailedCommands": .integer(Int64(count))]
    }

    private func describe(_ node: ManagedNodeRecord) async throws -> APIStructure {
        let running = try await database.read { try InvocationStore.running(on: node.id, in: $0).count }
        return APIStructure(
            [
                ("InstanceId", .string(node.id)), ("Maintenance", .bool(node.maintenance)),
                ("MaintenanceSince", .optionalTimestamp(node.maintenanceAt?.milliseconds)), ("RunningCommands", .integer(Int64(running))),
            ] + NodeSettings(stored: node.runAs).members)
    }

    private func node(_ input: APIStructure, _ context: RequestContext) async throws -> ManagedNodeRecord {
        let id = try input.requiredString("InstanceId")
        guard let node = try await database.read({ try ManagedNodeStore.find(id, in: $0) }), node.account == context.account,
            node.state == .active
        else { throw RunCommandError.unknownNode(id) }
        return node
    }
}

extension RequestContext {
    /// Functions and state machines act under roles, which may do none of this.
    /// - Throws: `AccessDeniedException`.
    func requireAdministrator(_ operation: String) throws(APIError) {
        guard principal.arn.utf8.starts(with: "arn:aws:iam::\(account):user/".utf8) else {
            throw .accessDenied("\(principal.arn) is not an administrator; \(operation) needs the access key of one.")
        }
    }
}
