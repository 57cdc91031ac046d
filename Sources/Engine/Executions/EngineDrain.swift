import ServiceLifecycle

/// Lets the tasks of executions end before the server does. It stands behind the HTTP server in the group, so that it is told first:
/// functions under way may still call the server.
package struct EngineDrain: Service {
    private let engine: ExecutionEngine
    private let express: ExpressEngine
    private let limit: Duration

    /// Waits at most `limit` for the tasks of these engines.
    package init(engine: ExecutionEngine, express: ExpressEngine, limit: Duration) {
        self.engine = engine
        self.express = express
        self.limit = limit
    }

    package func run() async throws {
        try? await gracefulShutdown()
        async let drained: Void = express.drain(limit: limit)
        await engine.drain(limit: limit)
        await drained
    }
}
