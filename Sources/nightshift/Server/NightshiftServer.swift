import APIServer
import Engine
import Logging
import ServiceLifecycle
import Services
import UnixSignals

/// The server, put together and run as one group. Each area has its own `ServerParts+Area.swift`.
struct NightshiftServer {
    let settings: ServerSettings

    /// Runs until it is told to stop (SIGTERM, SIGINT), or fails.
    func run() async throws {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = settings.logLevel
            return handler
        }
        OpenFiles.raiseLimit()
        let core = try await ServerCore(settings: settings)
        do {
            try await serve(core)
        } catch {
            await core.close()
            throw error
        }
        await core.close()
    }

    private func serve(_ core: ServerCore) async throws {
        let parts = try await ServerParts.all(on: core)
        let logger = core.logger
        let api = try APIService(
            configuration: settings.api,
            dependencies: APIServerDependencies(
                catalogue: core.catalogue, registry: parts.registry,
                credentials: SignatureCredentials(directory: core.accessKeys), clock: core.clock, identifiers: core.identifiers,
                unsignedRoutes: parts.unsignedRoutes, isReady: { [engine = parts.engine] in engine.isReady }, isHeld: { core.hold.isHeld },
                onListening: { port in logger.notice("listening", metadata: ["port": "\(port)"]) },
                logger: core.logger("api")))
        // Services stop in the reverse order: tasks under way end, then no more requests are taken, last the engine.
        let drain = EngineDrain(engine: parts.engine, express: parts.express, limit: .seconds(10))
        var group = ServiceGroupConfiguration(
            services: parts.services + [api, drain], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        // A function may run for fifteen minutes; nobody waits so long for a server to stop.
        group.maximumGracefulShutdownDuration = .seconds(20)
        try await ServiceGroup(configuration: group).run()
    }
}
