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
