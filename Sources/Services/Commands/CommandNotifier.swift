package import Engine
import JSONCore
import StatesInterpreter
package import Store
package import TimeSource

/// Tells topics of the statuses of commands and invocations, once each: the message is a delivery that is written with the change.
package final class CommandNotifier: CommandObserver {
    private let clock: EngineClock
    private let identifiers: IdentifierSource
    private let deliver: @Sendable ([DeliveryRecord]) -> Void
    private let settings = CommandSettingsCache()

    /// A notifier.
    /// - Parameter deliver: takes deliveries whose rows are durable.
    package init(
        clock: EngineClock, identifiers: IdentifierSource, deliver: @escaping @Sendable ([DeliveryRecord]) -> Void
    ) {
        self.clock = clock
        self.identifiers = identifiers
        self.deliver = deliver
    }

    package func changes(
        of command: CommandRecord, on node: String, from old: InvocationState, to new: InvocationState
    ) -> CommandAnnouncements {
        guard let notice = settings.settings(of: command).notice else { return CommandAnnouncements() }
        var announcements = CommandAnnouncements()
        if notice.isForInvocations {
            guard new.status != old.status, notice.wants(new.status.rawValue) else { return announcements }
            let message = CommandNoticeMessage.invocation(command, node: node, status: new.status.rawValue, at: clock.now.wall)
            announcements.add(delivery(.complete(topic: notice.topic, message: message), of: command))
            return announcements
        }
        let begins = old.grantedAt == nil && new.grantedAt != nil
        let ends = new.hasEnded && !old.hasEnded
        if begins || ends, notice.wants("InProgress") {
            announcements.add(pending(notice, "InProgress", of: command), when: .begun, of: command.number)
        }
        // How it has ended is known after the commit alone, and then whether anybody wants to know.
        if ends { announcements.add(pending(notice, nil, of: command), when: .ended, of: command.number) }
        return announcements
    }

    package func cancelling(_ command: CommandRecord) -> CommandAnnouncements { CommandAnnouncements() }

    package func offer(_ deliveries: [DeliveryRecord]) { deliver(deliveries) }

    private func pending(_ notice: CommandNotice, _ status: String?, of command: CommandRecord) -> DeliveryRecord {
        delivery(.pending(topic: notice.topic, command: command.number, status: status, time: clock.now.wall), of: command)
    }

    private func delivery(_ body: CommandNoticeDelivery, of command: CommandRecord) -> DeliveryRecord {
        DeliveryRecord(
            id: identifiers.orderedUUID(), account: command.account, kind: CommandNoticePerformer.kind, createdAt: clock.now.engine,
            body: body.stored)
    }
}
