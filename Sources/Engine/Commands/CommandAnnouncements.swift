package import Store

/// What is to be written along with a change of a command, and what of it is to be delivered once that is durable.
package struct CommandAnnouncements: Sendable {
    /// Applied in the transaction of the change, behind its own statements: what counts invocations counts this one already.
    package var statements: [Statement]
    /// Offered after the commit, to those who gave them. Their rows are among the statements.
    package var deliveries: [DeliveryRecord]

    /// These statements and deliveries; without any there is nothing to announce.
    package init(statements: [Statement] = [], deliveries: [DeliveryRecord] = []) {
        self.statements = statements
        self.deliveries = deliveries
    }

    /// A delivery that is made whatever becomes of the command.
    package mutating func add(_ delivery: DeliveryRecord) {
        statements.append(DeliveryStore.add(delivery))
        deliveries.append(delivery)
    }

    /// A delivery that is made only if the command as a whole stands there after the change. Invocations change side by side, so only the
    /// database knows; offering a delivery that is not there does no harm.
    package mutating func add(_ delivery: DeliveryRecord, when milestone: CommandStore.Milestone, of command: Int64) {
        statements.append(CommandStore.add(delivery, when: milestone, of: command))
        deliveries.append(delivery)
    }
}
