package import Store

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
