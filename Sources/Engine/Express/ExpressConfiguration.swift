package import StatesInterpreter

/// The settings of Express executions, with complete defaults.
package struct ExpressConfiguration: Sendable, Hashable {
    /// The region in ARNs.
    package var region = "us-east-1"
    /// How many threads run executions.
    package var lanes = 1
    /// How many executions are in memory at most.
    package var concurrentExecutions = 20_000
    /// How many bytes of payloads they may hold in all.
    package var payloadBytes = 256 << 20
    /// How long an asynchronous start waits for room before it is refused: a burst slows its callers and loses nothing.
    package var patience = Duration.seconds(5)
    /// How many effects run side by side.
    package var concurrentEffects = 1_000
    /// When a turn ends.
    package var pace = ExpressPace(transitions: 1_000, duration: .milliseconds(2))
    /// When the first turn ends that runs on the thread of its caller: others are served by that thread.
    package var callersPace = ExpressPace(transitions: 200, duration: .milliseconds(1))
    /// Bounds of an execution: five minutes, no end of history (Step Functions Developer Guide, "Choosing workflow type").
    package var limits: InterpreterLimits = {
        var limits = InterpreterLimits()
        limits.historyEvents = .max
        limits.keepsHistory = false
        limits.executionSeconds = 300
        limits.turnBytes = 512 << 10
        return limits
    }()

    /// The defaults.
    package init() {}
}

/// When a turn of an Express execution ends, so that others get theirs.
package struct ExpressPace: Sendable, Hashable {
    /// After this many transitions.
    package var transitions: Int
    /// After this long.
    package var duration: Duration
    /// How many transitions are run between two looks at the clock.
    package var slice = 100

    /// A turn of so many transitions, or so long.
    package init(transitions: Int, duration: Duration) {
        self.transitions = transitions
        self.duration = duration
    }
}
