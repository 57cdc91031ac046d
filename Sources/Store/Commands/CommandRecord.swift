package import TimeSource

/// A command as sent. Nothing of it ever changes; `CommandProgress` counts.
package struct CommandRecord: Sendable, Hashable {
    /// Our own number: larger is later. It does not leave the server.
    package let number: Int64
    /// The `CommandId`, a UUID.
    package let id: String
    /// The account.
    package let account: String
    /// The document's name.
    package let documentName: String
    /// The document's version as the caller gave it.
    package let documentVersion: String
    /// What the node will run: the steps with their parameters filled in, as JSON of `AgentProtocol.PluginStep`.
    package let steps: [UInt8]
    /// Identifies the steps to the node before it has them.
    package let digest: String
    /// The caller's other parameters, as a JSON object under AWS's names.
    package let request: [UInt8]
    /// When it was sent, by the wall clock.
    package let requestedAt: Timestamp
    /// When it stops being delivered, by the wall clock of the moment it was sent.
    package let expiresAt: Timestamp
    /// The execution timeouts of all steps together; 0 for none.
    package let executionSeconds: Int64
    /// The log group that its output goes to; nil when it goes to none.
    package let logGroup: String?
    /// On how many nodes it may run side by side.
    package let concurrencyLimit: Int
    /// How many errors it may have before no further node gets it.
    package let errorLimit: Int
    /// On how many nodes it runs.
    package let targetCount: Int

    /// A command of these facts.
    package init(
        number: Int64, id: String, account: String, documentName: String, documentVersion: String, steps: [UInt8],
        digest: String, request: [UInt8], requestedAt: Timestamp, expiresAt: Timestamp, executionSeconds: Int64,
        logGroup: String?, concurrencyLimit: Int, errorLimit: Int, targetCount: Int
    ) {
        self.number = number
        self.id = id
        self.account = account
        self.documentName = documentName
        self.documentVersion = documentVersion
        self.steps = steps
        self.digest = digest
        self.request = request
        self.requestedAt = requestedAt
        self.expiresAt = expiresAt
        self.executionSeconds = executionSeconds
        self.logGroup = logGroup
        self.concurrencyLimit = concurrencyLimit
        self.errorLimit = errorLimit
        self.targetCount = targetCount
    }
}

/// How far a command is, over all of its nodes; also a change of that, to be added.
package struct CommandProgress: Sendable, Hashable {
    /// Whether somebody cancelled it.
    package var isCancelled = false
    /// Invocations whose turn has come and that have not ended.
    package var active = 0
    /// Invocations that were given the go.
    package var started = 0
    /// Invocations that have ended, whatever way.
    package var completed = 0
    /// Those that ended as Failed, but for undelivered ones.
    package var failed = 0
    /// Those whose execution timed out.
    package var executionTimedOut = 0
    /// Those that were not delivered in time.
    package var deliveryTimedOut = 0
    /// Those that were cancelled, or terminated for too many errors.
    package var cancelled = 0
    /// Those whose node was deregistered first.
    package var undelivered = 0

    /// Nothing has happened, or nothing changes.
    package init() {}

    /// What counts against `MaxErrors` (Run Command, "Understanding command statuses"): failures and execution timeouts.
    package var errors: Int { failed + executionTimedOut }
}
