package import Engine
import FunctionRuntimes

extension FunctionRunner {
    /// The same runner, which runs nothing as long as restored data waits for its release.
    package func held(by gate: HoldGate) -> FunctionRunner {
        FunctionRunner(
            invoke: { [invoke] specification, invocation in
                guard !gate.isHeld else {
                    return InvocationResult(
                        .unavailable(message: "The server was restored from a backup and is held until its release."))
                }
                return await invoke(specification, invocation)
            }, retire: retire)
    }
}
