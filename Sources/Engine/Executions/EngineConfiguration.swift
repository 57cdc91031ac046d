package import StatesInterpreter

/// The engine's settings, with complete defaults.
package struct EngineConfiguration: Sendable, Hashable {
    /// The region in ARNs.
    package var region = "us-east-1"
    /// How many executions stay in memory while they wait; others are read again when something happens to them.
    package var hotExecutions = 20_000
    /// How many effects run side by side.
    package var concurrentEffects = 1_000
    /// Bounds of histories and payloads.
    package var limits = InterpreterLimits()

    /// The defaults.
    package init() {}
}
