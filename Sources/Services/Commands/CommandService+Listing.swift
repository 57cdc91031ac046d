import AWSProtocols
import Engine
import JSONCore
import Store

extension CommandService {
    private static let defaultPage: Int64 = 50
    /// How many rows a listing looks at before it answers with what it has found (core rule 3).
    private static let scanLimit = 1_000

    @Sendable func listCommands(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let filter = try CommandFilter(input.structures("Filters"))
        let limit = Int(input.integer("MaxResults") ?? CommandService.defaultPage)
        let node = input.string("InstanceId")
        let start = try RunCommandToken.value(input.string("NextToken"), operation: "ListCommands", scope: node ?? "")?.integer
        let region = context.region
        if let id = input.string("CommandId") {
            let found = try await database.read { try CommandStore.find(id: id, account: context.account, in: $0) }
            // Filters hold for the one, too.
            let shown = found.map { CommandView($0.record, $0.progress, region: region) }
                .flatMap { filter.matches($0.record, status: $0.status.status, details: $0.status.details) ? $0 : nil }
            return ["Commands": .list(shown.map { [$0.command] } ?? [])]
        }
        if let node { try await checkNode(node, account: context.account) }
        let (shown, next) = try await database.read { transaction in
            var shown: [APIValue] = []
            var before = start ?? .max
            var scanned = 0
            while scanned < CommandService.scanLimit {
                let page =
                    if let node {
                        try CommandStore.list(
                            node: node, account: context.account, before: before, limit: limit + 1, in: transaction)
                    } else {
                        try CommandStore.list(account: context.account, before: before, limit: limit + 1, in: transaction)
                    }
                for (record, progress) in page {
                    if shown.count == limit { return (shown, before as Int64?) }
                    before = record.number
                    let view = CommandView(record, progress, region: region)
                    if filter.matches(record, status: view.status.status, details: view.status.details) {
                        shown.append(view.command)
                    }
                }
                if page.count <= limit { return (shown, nil) }
                scanned += page.count
            }
            return (shown, before)
        }
        return [
            "Commands": .list(shown),
            "NextToken": .optional(
                next.map { RunCommandToken.token(.integer($0), operation: "ListCommands", scope: node ?? "") }),
        ]
    }

    @Sendable func listInvocations(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let filter = try CommandFilter(input.structures("Filters"))
        let scope = InvocationScope(commandID: input.string("CommandId"), node: input.string("InstanceId"))
        let limit = Int(input.integer("MaxResults") ?? CommandService.defaultPage)
        let position = try RunCommandToken.value(
            input.string("NextToken"), operation: "ListCommandInvocations", scope: scope.text)
        if let node = scope.node { try await checkNode(node, account: context.account) }
        let withDetails = input.bool("Details") ?? false
        let sessions = coordinator.sessions
        let (shown, next) = try await database.read { transaction in
            var shown: [APIValue] = []
            var last = InvocationScope.key(of: position)
            var scanned = 0
            while scanned < CommandService.scanLimit {
                let page = try scope.list(account: context.account, behind: last, limit: limit + 1, in: transaction)
                for invocation in page {
                    if shown.count == limit { return (shown, last) }
                    last = invocation.key
                    guard let command = try CommandStore.find(number: invocation.key.command, in: transaction) else { continue }
                    let view = try InvocationView(
                        invocation, of: CommandView(command.record, command.progress, region: context.region),
                        isOnline: sessions.isOnline(invocation.key.node), withOutput: withDetails, endpoint: context.endpoint,
                        in: transaction)
                    if filter.matches(command.record, status: invocation.state.status.rawValue, details: view.details) {
                        shown.append(view.structure)
                    }
                }
                if page.count <= limit { return (shown, nil) }
                scanned += page.count
            }
            return (shown, last)
        }
        return [
            "CommandInvocations": .list(shown),
            "NextToken": .optional(
                next.map {
                    RunCommandToken.token(
                        [.integer($0.command), .text($0.node)], operation: "ListCommandInvocations", scope: scope.text)
                }),
        ]
    }

    @Sendable func getInvocation(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let id = try input.requiredString("CommandId")
        let node = try input.requiredString("InstanceId")
        let sessions = coordinator.sessions
        let view = try await database.read { transaction -> InvocationView in
            guard let command = try CommandStore.find(id: id, account: context.account, in: transaction),
                let invocation = try InvocationStore.find(.init(command: command.record.number, node: node), in: transaction)
            else {
                throw APIError("InvocationDoesNotExist", "The command \(id) has no invocation on \(node).")
            }
            return try InvocationView(
                invocation, of: CommandView(command.record, command.progress, region: context.region),
                isOnline: sessions.isOnline(node), withOutput: true, endpoint: context.endpoint, in: transaction)
        }
        let name = input.string("PluginName")
        guard let plugin = name == nil ? view.plugins.first : view.plugins.first(where: { $0.name == name }) else {
            throw APIError("InvalidPluginName", "The command \(id) has no plugin named \(name ?? "").")
        }
        return view.result(of: plugin)
    }

    private func checkNode(_ id: String, account: String) async throws {
        // Deregistered ones have a past that may be listed.
        let node = try await database.read { try ManagedNodeStore.find(id, in: $0) }
        guard node?.account == account else { throw RunCommandError.unknownNode(id) }
    }
}

/// Which invocations are listed: of a command, on a node, both, or all of an account.
private struct InvocationScope: Sendable {
    let commandID: String?
    let node: String?

    /// For the page token.
    var text: String { "\(commandID ?? "")/\(node ?? "")" }

    static func key(of position: JSONValue?) -> InvocationRecord.Key? {
        guard let parts = position?.array, parts.count == 2, let command = parts[0].integer, let node = parts[1].text else {
            return nil
        }
        return InvocationRecord.Key(command: command, node: node)
    }

    func list(
        account: String, behind last: InvocationRecord.Key?, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [InvocationRecord] {
        if let commandID {
            guard let command = try CommandStore.find(id: commandID, account: account, in: transaction)?.record else { return [] }
            guard let node else {
                return try InvocationStore.list(command: command.number, after: last?.node ?? "", limit: limit, in: transaction)
            }
            guard last == nil else { return [] }
            return try InvocationStore.find(.init(command: command.number, node: node), in: transaction).map { [$0] } ?? []
        }
        if let node {
            return try InvocationStore.list(
                node: node, account: account, before: last?.command ?? .max, limit: limit, in: transaction)
        }
        return try InvocationStore.list(
            account: account, behind: last ?? .init(command: .max, node: ""), limit: limit, in: transaction)
    }
}
