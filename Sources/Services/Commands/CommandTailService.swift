import APIModels
import AWSProtocols
import Engine
import JSONCore
package import ObjectStorage
package import Store

/// Nightshift's own operations for `nightshift tail COMMAND-ID`: which output of a command there is by now, and its bytes.
package struct CommandTailService: Sendable {
    private static let page = 200
    /// How many bytes an answer carries, about.
    static let pieceSize = 512 << 10

    private let database: any Database
    private let folder: StagingFolder
    private let live: LiveOutput

    /// A service over what is kept of output: its beginning in the database, all of it in the folder where a bucket is named, and what
    /// passes by.
    package init(database: any Database, folder: StagingFolder, live: LiveOutput) {
        self.database = database
        self.folder = folder
        self.live = live
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        registry.register(service: ModelCatalogue.ownService, operation: "DescribeCommandOutput", handler: describe)
        registry.register(service: ModelCatalogue.ownService, operation: "ReadCommandOutput", handler: read)
    }

    @Sendable private func describe(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let id = try input.requiredString("CommandId")
        let position = try RunCommandToken.text(input.string("NextToken"), operation: "DescribeCommandOutput", scope: id) ?? ""
        return try await database.read { transaction -> APIStructure in
            guard let (command, progress) = try CommandStore.find(id: id, account: context.account, in: transaction) else {
                throw RunCommandError.unknownCommand(id)
            }
            live.follow(command)
            let status = CommandStatus(command, progress)
            let page = try InvocationStore.list(
                command: command.number, after: position, limit: CommandTailService.page, in: transaction)
            var invocations: [APIValue] = []
            if let first = page.first, let last = page.last {
                let lengths = Dictionary(
                    grouping: try CommandOutputStore.lengths(
                        of: command.number, from: first.key.node, to: last.key.node, in: transaction), by: \.node)
                invocations = page.map { invocation in
                    let streams = (lengths[invocation.key.node] ?? []).filter { $0.attempt == invocation.state.attempt }
                    return [
                        "InstanceId": .string(invocation.key.node), "Status": .string(invocation.state.status.rawValue),
                        "StatusDetails": .string(invocation.state.detail.rawValue),
                        "Streams": .list(
                            streams.map {
                                ["Step": .integer(Int64($0.step)), "Stream": .string($0.stream), "Length": .integer($0.length)]
                            }),
                    ]
                }
            }
            let next = page.count == CommandTailService.page ? page.last?.key.node : nil
            return [
                "CommandId": .string(id), "DocumentName": .string(command.documentName), "Status": .string(status.status),
                "StatusDetails": .string(status.details), "TargetCount": .integer(Int64(command.targetCount)),
                "Invocations": .list(invocations),
                "NextToken": .optional(
                    next.map { RunCommandToken.token(.text($0), operation: "DescribeCommandOutput", scope: id) }),
            ]
        }
    }

    @Sendable private func read(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let id = try input.requiredString("CommandId")
        let node = try input.requiredString("InstanceId")
        let offset = input.integer("Offset") ?? 0
        let found = try await database.read {
            transaction -> (stream: CommandOutputStore.StreamKey, length: Int64, kept: (offset: Int64, bytes: [UInt8])?) in
            guard let command = try CommandStore.find(id: id, account: context.account, in: transaction)?.record,
                let invocation = try InvocationStore.find(.init(command: command.number, node: node), in: transaction)
            else { throw RunCommandError.unknownCommand(id) }
            let stream = CommandOutputStore.StreamKey(
                invocation: invocation.key, attempt: invocation.state.attempt, step: Int(input.integer("Step") ?? 0),
                stream: try input.requiredString("Stream"))
            return (
                stream, try CommandOutputStore.position(of: stream, in: transaction)?.received ?? 0,
                try CommandOutputStore.kept(of: stream, behind: offset, in: transaction)
            )
        }
        var piece = found.kept
        if piece == nil, offset < found.length {
            piece = await staged(found.stream, from: offset, length: found.length) ?? live.bytes(of: found.stream, from: offset)
        }
        // Nothing is shown before it is acknowledged: a node may still be told to send it again.
        let bytes = piece.map { $0.bytes.prefix(Int(max(0, min(Int64(CommandTailService.pieceSize), found.length - $0.offset)))) } ?? []
        return [
            "Data": .blob(Array(bytes)), "Offset": .integer(bytes.isEmpty ? found.length : piece?.offset ?? found.length),
            "Length": .integer(found.length),
        ]
    }

    /// Nil when it is not there: no bucket is named, or the file is gone to it.
    private func staged(
        _ stream: CommandOutputStore.StreamKey, from offset: Int64, length: Int64
    ) async -> (offset: Int64, bytes: [UInt8])? {
        let count = Int(min(Int64(CommandTailService.pieceSize), length - offset))
        let bytes = (try? await folder.bytes(of: StagedOutput(stream).name, at: offset, count: count)) ?? []
        return bytes.isEmpty ? nil : (offset, bytes)
    }
}
