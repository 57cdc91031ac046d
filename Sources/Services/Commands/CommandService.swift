package import AWSProtocols
package import Engine
package import Store

/// Run Command: the Systems Manager operations that send commands, show and cancel them.
package final class CommandService: Sendable {
    let database: any Database
    let coordinator: CommandCoordinator

    /// A service over the coordinator.
    package init(database: any Database, coordinator: CommandCoordinator) {
        self.database = database
        self.coordinator = coordinator
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        let sent = OperationOptions(
            partial: "no AlarmConfiguration; ServiceRoleArn and OutputS3Region are stored and shown, not used")
        registry.register(service: "ssm", operation: "SendCommand", options: sent, handler: send)
        registry.register(service: "ssm", operation: "CancelCommand", handler: cancel)
        registry.register(service: "ssm", operation: "ListCommands", handler: listCommands)
        registry.register(service: "ssm", operation: "ListCommandInvocations", handler: listInvocations)
        registry.register(service: "ssm", operation: "GetCommandInvocation", handler: getInvocation)
    }

    /// Sends a command for another part of the server: a task of an execution, a target of a rule.
    ///
    /// - Parameters:
    ///   - input: the members of SendCommand, checked against AWS's model.
    ///   - identity: how the command gets its id; the same id twice is one command.
    /// - Returns: the members of SendCommand's answer.
    package func send(
        _ input: APIStructure, identity: CommandOrder.Identity, account: String, region: String
    ) async throws -> APIStructure {
        let request = try SendCommandRequest(input)
        do {
            if let sent = try await coordinator.sent(identity, account: account) {
                return ["Command": CommandView(sent.record, sent.progress, region: region).command]
            }
            let order = try await database.read {
                try request.order(account: account, region: region, identity: identity, in: $0)
            }
            let sent = try await coordinator.send(order)
            return ["Command": CommandView(sent.record, sent.progress, region: region).command]
        } catch let error as StoreError {
            throw error.apiError
        }
    }

    @Sendable private func send(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try await send(
            input, identity: context.dedupeKey.map { .derived(key: $0) } ?? .generated, account: context.account,
            region: context.region)
    }

    @Sendable private func cancel(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let id = try input.requiredString("CommandId")
        let nodes = input.strings("InstanceIds")
        for (index, node) in nodes.enumerated() where nodes[..<index].contains(node) { throw RunCommandError.duplicateNode(node) }
        let command = try await database.read { transaction -> CommandRecord in
            guard let command = try CommandStore.find(id: id, account: context.account, in: transaction)?.record else {
                throw RunCommandError.unknownCommand(id)
            }
            for node in nodes
            where try InvocationStore.find(.init(command: command.number, node: node), in: transaction) == nil {
                throw RunCommandError.unknownNode(node)
            }
            return command
        }
        do {
            try await coordinator.cancel(command, nodes: nodes.isEmpty ? nil : nodes)
        } catch let error as StoreError {
            throw error.apiError
        }
        return [:]
    }
}
