package import FunctionRuntimes

/// The pool of runtime processes, as far as the Lambda API needs it.
package struct FunctionRunner: Sendable {
    /// Runs a function once.
    package var invoke: @Sendable (FunctionSpecification, FunctionInvocation) async -> InvocationResult
    /// Ends the processes of a function that was changed or deleted.
    package var retire: @Sendable (_ functionARN: String) -> Void

    /// A runner made of two closures.
    package init(
        invoke: @escaping @Sendable (FunctionSpecification, FunctionInvocation) async -> InvocationResult,
        retire: @escaping @Sendable (_ functionARN: String) -> Void
    ) {
        self.invoke = invoke
        self.retire = retire
    }

    /// Runs functions by a pool.
    package init(_ pool: FunctionPool) {
        self.init(
            invoke: { await pool.invoke($0, $1) }, retire: { pool.retireProcesses(ofFunction: $0) })
    }
}
