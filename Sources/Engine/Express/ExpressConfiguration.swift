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
    /// How many effects run side by side.
    package var concurrentEffects = 1_000
    /// When a turn ends.
    package var pace = ExpressPace()
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
    package var transitions = 1_000
    /// After this long.
    package var duration = Duration.milliseconds(2)
    /// How many transitions are run between two looks at the clock.
    package var slice = 100

    /// The defaults.
    package init() {}
}
