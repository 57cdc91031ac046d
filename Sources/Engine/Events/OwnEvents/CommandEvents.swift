import JSONCore
import StatesInterpreter
import Store
import TimeSource

/// The events about a change of a command: what is written with it, and what is offered after the commit.
///
/// An event about one node is complete when it is written. One about the whole command is written as the command's number: its
/// invocations change side by side, and only after the commit is it known where the command stands. Its row is there only when the
/// milestone is reached, so a delivery may be offered that does not exist, which does no harm.
struct CommandEvents {
    var statements: [Statement] = []
    var deliveries: [DeliveryRecord] = []
}

extension OwnEvents {
    /// The events of an invocation that goes from one state to another; empty when nobody wants any.
    func changes(
        of command: CommandRecord, _ node: String, from old: InvocationState, to new: InvocationState
    ) -> CommandEvents {
        var events = CommandEvents()
        if new.status != old.status {
            events.deliveries += record(
                .invocationStatusChange, account: command.account,
                resources: [CommandStatusEvent.nodeARN(node, account: command.account, region: region)]
            ) {
                CommandStatusEvent.invocationDetail(command, node: node, status: new.status)
            }
            events.statements += events.deliveries.map { DeliveryStore.add($0) }
        }
        let change = CommandProgress(from: old, to: new)
        guard change != CommandProgress(), wants(.commandStatusChange, account: command.account) else { return events }
        events.append(announcement(.inProgress, of: command), when: .begun, of: command)
        if change.completed > 0 { events.append(announcement(nil, of: command), when: .ended, of: command) }
        return events
    }

    /// The event of a command that is being cancelled.
    func cancelling(_ command: CommandRecord) -> CommandEvents {
        var events = CommandEvents()
        guard wants(.commandStatusChange, account: command.account) else { return events }
        events.append(announcement(.cancelling, of: command), when: .underWay, of: command)
        return events
    }

    private func announcement(_ status: InvocationState.Status?, of command: CommandRecord) -> DeliveryRecord {
        let now = clock.now
        return DeliveryRecord(
            id: identifiers.orderedUUID(), account: command.account, kind: CommandEventPerformer.kind, createdAt: now.engine,
            body: CommandStatusEvent(command: command.number, eventID: identifiers.uuid(), time: now.wall, status: status?.rawValue)
                .stored)
    }
}

extension CommandEvents {
    fileprivate mutating func append(_ delivery: DeliveryRecord, when milestone: CommandStore.Milestone, of command: CommandRecord) {
        statements.append(CommandStore.add(delivery, when: milestone, of: command.number))
        deliveries.append(delivery)
    }
}
