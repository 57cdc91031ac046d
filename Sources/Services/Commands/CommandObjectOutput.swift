import AWSProtocols
package import AgentProtocol
package import Engine
import JSONCore
package import ObjectStorage
import StatesInterpreter
package import Store

/// Keeps the whole output of commands that name a bucket, byte for byte, until their invocations have ended; `CommandOutputPerformer`
/// then makes objects of it.
///
/// Pieces are on the disk before the node is told that they arrived. The end of an invocation writes the delivery in its own transaction,
/// under an id that is the invocation's: there is one for each, whatever is repeated.
package final class CommandObjectOutput: CommandOutputSink, CommandObserver {
    let folder: StagingFolder
    private let clock: EngineClock
    private let deliver: @Sendable ([DeliveryRecord]) -> Void
    private let settings = CommandSettingsCache()

    /// Output in a folder.
    /// - Parameter deliver: takes deliveries whose rows are durable.
    package init(folder: StagingFolder, clock: EngineClock, deliver: @escaping @Sendable ([DeliveryRecord]) -> Void) {
        self.folder = folder
        self.clock = clock
        self.deliver = deliver
    }

    package func wants(_ command: CommandRecord) -> Bool { settings.settings(of: command).bucket != nil }

    package func stage(
        _ pieces: [OutputPiece], of stream: CommandOutputStore.StreamKey, command: CommandRecord, step: PluginStep
    ) async throws {
        try await folder.store(pieces.map { ($0.offset, $0.bytes) }, in: StagedOutput(stream).name)
    }

    package func changes(
        of command: CommandRecord, on node: String, from old: InvocationState, to new: InvocationState
    ) -> CommandAnnouncements {
        var announcements = CommandAnnouncements()
        // What was never given the go has no output.
        guard new.hasEnded, !old.hasEnded, new.grantedAt != nil, wants(command) else { return announcements }
        let output = InvocationOutputDelivery(command: command.number, node: node, attempt: new.attempt)
        announcements.add(
            DeliveryRecord(
                id: output.id, account: command.account, kind: CommandOutputPerformer.kind, createdAt: clock.now.engine,
                body: output.stored))
        return announcements
    }

    package func cancelling(_ command: CommandRecord) -> CommandAnnouncements { CommandAnnouncements() }

    package func offer(_ deliveries: [DeliveryRecord]) { deliver(deliveries) }
}

/// The file of one stream: its key, as a name.
struct StagedOutput: Sendable, Hashable {
    let stream: CommandOutputStore.StreamKey

    init(_ stream: CommandOutputStore.StreamKey) {
        self.stream = stream
    }

    /// `COMMAND.NODE.ATTEMPT.STEP.STREAM`; the ids of nodes hold no points.
    var name: String {
        let key = stream.invocation
        return "\(key.command).\(key.node).\(stream.attempt).\(stream.step).\(stream.stream)"
    }

    /// Reads a name; nil for what is none.
    init?(name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, let command = Int64(parts[0]), let attempt = Int(parts[2]), let step = Int(parts[3]) else { return nil }
        stream = CommandOutputStore.StreamKey(
            invocation: InvocationRecord.Key(command: command, node: parts[1]), attempt: attempt, step: step, stream: parts[4])
    }

    /// The files that an attempt may have.
    static func all(of invocation: InvocationRecord.Key, attempt: Int, steps: Int) -> [StagedOutput] {
        (0..<steps).flatMap { step in
            ["stdout", "stderr"].map {
                StagedOutput(CommandOutputStore.StreamKey(invocation: invocation, attempt: attempt, step: step, stream: $0))
            }
        }
    }
}

/// What stands in the delivery of an invocation's output.
struct InvocationOutputDelivery: Sendable, Hashable {
    let command: Int64
    let node: String
    let attempt: Int

    /// One for each attempt.
    var id: String { "command-output/\(command)/\(node)/\(attempt)" }

    var stored: [UInt8] {
        JSONWriter.bytes(of: ["command": .integer(command), "node": .text(node), "attempt": .integer(attempt)])
    }
}

extension InvocationOutputDelivery {
    /// Reads what `stored` wrote; nil when it is none.
    init?(stored: [UInt8]) {
        guard let value = try? JSONParser.parse(stored), let command = value["command"]?.integer, let node = value["node"]?.text,
            let attempt = value["attempt"]?.integer
        else { return nil }
        self.init(command: command, node: node, attempt: Int(attempt))
    }
}
