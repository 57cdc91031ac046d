package import AWSProtocols
package import Engine
import JSONCore
package import Store

/// Run Command: the Systems Manager operations that send commands, show and cancel them.
package final class CommandService: Sendable {
    /// How many targets a page of nodes is read at a time when a command looks for its own.
    private static let page = 500

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
            partial: "output is not uploaded to S3, notifications and alarms are not acted on; targets are InstanceIds, tag:KEY, tag-key")
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
        // Before the nodes are looked for: bad parameters are bad whatever the nodes.
        _ = try request.order(account: account, nodes: [], identity: identity)
        let nodes = try await nodes(of: request, account: account)
        do {
            let sent = try await coordinator.send(try request.order(account: account, nodes: nodes, identity: identity))
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

    // MARK: Targets

    private func nodes(of request: SendCommandRequest, account: String) async throws -> [String] {
        try await database.read { transaction in
            switch request.targets {
            case .nodes(let ids):
                let nodes = try ids.map { id in (id, try ManagedNodeStore.find(id, in: transaction)) }
                let invalid = nodes.filter { $0.1?.account != account || $0.1?.state != .active }
                guard invalid.isEmpty else { throw RunCommandError.invalidNodes(invalid.map(\.0), account: account) }
                for node in nodes.compactMap(\.1) { try CommandService.checkPlatform(node, request.document) }
                return ids
            case .matching(let criteria):
                return try CommandService.nodes(matching: criteria, account: account, in: transaction)
            }
        }
    }

    private static func checkPlatform(_ node: ManagedNodeRecord, _ document: CommandDocument) throws(APIError) {
        let platform = (try? JSONParser.parse(node.facts))?["platformType"]?.text ?? "Linux"
        guard document.platformTypes.contains(platform) else {
            throw APIError(
                "UnsupportedPlatformType", "The document \(document.name) does not support the platform \(platform) of \(node.id).")
        }
    }

    private static func nodes(
        matching criteria: [(key: String, values: [String])], account: String, in transaction: any ReadTransaction
    ) throws -> [String] {
        var matching: [String] = []
        var last = ""
        while true {
            let page = try ManagedNodeStore.list(account: account, after: last, limit: page, in: transaction)
            for node in page where try criteria.allSatisfy({ try matches(node, $0.key, $0.values, in: transaction) }) {
                matching.append(node.id)
            }
            guard page.count == CommandService.page, let end = page.last else { return matching }
            last = end.id
        }
    }

    private static func matches(
        _ node: ManagedNodeRecord, _ key: String, _ values: [String], in transaction: any ReadTransaction
    ) throws -> Bool {
        switch key {
        case "InstanceIds": return values.contains(node.id) || values == ["*"]
        case "tag-key":
            return try values.contains { try ManagedNodeStore.isTagged(node, $0, oneOf: [], in: transaction) }
        default:
            return try ManagedNodeStore.isTagged(node, String(key.dropFirst("tag:".count)), oneOf: values, in: transaction)
        }
    }
}
