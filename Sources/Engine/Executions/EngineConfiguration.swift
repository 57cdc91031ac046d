package import StatesInterpreter

/// The engine's settings, with complete defaults.
package struct EngineConfiguration: Sendable, Hashable {
    /// The region in ARNs.
    package var region = "us-east-1"
    /// About how many bytes of executions stay in memory while they wait; others are read again when something happens to them.
    package var hotBytes = 160 << 20
    /// How many effects run side by side.
    package var concurrentEffects = 1_000
    /// Bounds of histories and payloads.
    package var limits = InterpreterLimits()

    /// The defaults.
    package init() {}
}
