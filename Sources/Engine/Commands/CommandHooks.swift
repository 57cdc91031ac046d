package import AgentProtocol
package import Store

/// What other parts of the server do with commands. Each is asked at its moment; without any a command is just run.
package struct CommandHooks: Sendable {
    /// Asked before each change is written.
    package var observers: [any CommandObserver]
    /// Given the output of commands that want it whole.
    package var outputSink: (any CommandOutputSink)?
    /// Asked in this order before each go.
    package var goPreparers: [any GoPreparer]

    /// These hooks.
    package init(
        observers: [any CommandObserver] = [], outputSink: (any CommandOutputSink)? = nil, goPreparers: [any GoPreparer] = []
    ) {
        self.observers = observers
        self.outputSink = outputSink
        self.goPreparers = goPreparers
    }
}

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

/// Takes part in the changes of commands.
///
/// A change may be decided, and announced, several times before it is written, because somebody else was faster; only what goes with the
/// one that is written is ever applied and offered. So these functions have no effects of their own, and return at once.
package protocol CommandObserver: Sendable {
    /// An invocation goes from one state to another.
    func changes(
        of command: CommandRecord, on node: String, from old: InvocationState, to new: InvocationState
    ) -> CommandAnnouncements

    /// A command is being cancelled on all of its nodes.
    func cancelling(_ command: CommandRecord) -> CommandAnnouncements

    /// Takes what this observer announced, now that its rows are durable.
    func offer(_ deliveries: [DeliveryRecord])
}

/// Keeps the whole output of commands, byte for byte, beside what the API shows and what goes to logs.
package protocol CommandOutputSink: Sendable {
    /// Whether it wants the output of a command: always the same answer for a command.
    func wants(_ command: CommandRecord) -> Bool

    /// Makes pieces of a stream durable, each at its offset. They may come again, all or in part, after a crash between this and the
    /// acknowledgement, with the same bytes at the same offsets. Between pieces there may be a gap, of bytes that are lost.
    /// - Throws: when not everything could be stored; the node is not told that it arrived and sends it again.
    func stage(
        _ pieces: [OutputPiece], of stream: CommandOutputStore.StreamKey, command: CommandRecord, step: PluginStep
    ) async throws
}

/// Completes the steps of a go at the moment when it is made, by what is stored nowhere: secrets, tokens.
package protocol GoPreparer: Sendable {
    /// The steps with their gaps filled in; as many as before, in the same order. Asked again when a go is said again.
    /// - Throws: `GoRefused` when that is not possible: nothing runs, and the invocation is Failed. Any other error means that it is not
    ///   known now: the node is told to ask again.
    func prepare(
        _ steps: [PluginStep], for attempt: AttemptID, of command: CommandRecord, on node: String
    ) async throws -> [PluginStep]
}

/// A go that cannot be made.
package struct GoRefused: Error, Equatable {
    /// Why, a sentence for the operator: what the invocation shows as its error output. It holds no secret.
    package let reason: String

    /// A refusal for this reason.
    package init(reason: String) {
        self.reason = reason
    }
}
