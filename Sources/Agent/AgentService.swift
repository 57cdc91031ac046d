import AgentProtocol
package import Logging
import ServiceLifecycle
package import TimeSource

/// The agent: enrols once, then keeps a session with the server and runs what it is ordered to, until shut down.
///
/// Commands outlive it: a shut-down or killed agent leaves its supervisors running, and the next one takes them up again.
package final class AgentService: Service {
    private static let lockAttempts = 20
    private static let lockDelay: Duration = .milliseconds(50)
    private static let newsInterval: Duration = .milliseconds(2)

    private let configuration: AgentConfiguration
    private let logger: Logger
    private let clock: any ClockSource
    private let random: any RandomSource
    private let makeLink: (@Sendable () -> any ServerLink)?

    /// An agent that talks to its server over HTTP.
    package convenience init(configuration: AgentConfiguration, logger: Logger) {
        self.init(
            configuration: configuration, logger: logger, clock: LiveClock(), random: SystemRandomSource(), makeLink: nil)
    }

    /// An agent with the given time, randomness and way to the server; nil for HTTP.
    package init(
        configuration: AgentConfiguration, logger: Logger, clock: any ClockSource, random: any RandomSource,
        makeLink: (@Sendable () -> any ServerLink)?
    ) {
        self.configuration = configuration
        self.logger = logger
        self.clock = clock
        self.random = random
        self.makeLink = makeLink
    }

    /// Runs until graceful shutdown or cancellation.
    /// - Throws: `AgentConfigurationError`, or `AgentError` when the agent cannot work at all. A server that is away is no error.
    package func run() async throws {
        var link: HTTPServerLink?
        let end: Result<Void, any Error>
        do {
            try await operate(&link)
            end = .success(())
        } catch {
            end = .failure(error)
        }
        // Only now, with the data directory let go: TLS may take seconds to say goodbye, and a successor need not wait for that.
        try? await link?.shutdown()
        try end.get()
    }

    /// Works on the data directory until stopped. Leaves a link that is to be shut down.
    private func operate(_ opened: inout HTTPServerLink?) async throws {
        let configuration = try configuration.validated()
        let launcher = try SupervisorLauncher(configuration: configuration)
        if let warning = launcher.warning { logger.warning("\(warning)") }
        let groups = launcher.controlGroups
        let limits = (groups?.controllers ?? []).map(\.rawValue).sorted().joined(separator: " ")
        logger.info("control groups", metadata: ["directory": "\(groups?.directory ?? "none")", "limits": "\(limits)"])
        let data = try await openDataDirectory(configuration.dataDirectory)
        let identity = try data.identity(now: clock.now.milliseconds)
        if identity.instanceID == nil, configuration.activationID == nil { throw AgentError.activationMissing }
        let registry = AttemptRegistry(
            spool: data.spoolPath, bootID: HostFacts.bootID(), incarnation: data.incarnation,
            capacity: configuration.capacity, launcher: launcher, ended: EndedAttempts(directory: data.path),
            pollingInterval: configuration.spoolInterval, clock: clock, logger: logger)
        await registry.recover()
        let link: any ServerLink
        if let makeLink {
            link = makeLink()
        } else {
            let signer = RequestSigner(incarnation: data.incarnation, clock: clock, random: random)
            let http = try HTTPServerLink(configuration: configuration, signer: signer)
            opened = http
            link = http
        }
        try await serve(link, data: data, identity: identity, registry: registry)
    }

    /// Opens the data directory. An agent that was just killed may hold its lock for an instant longer, by a process that
    /// it was about to start.
    private func openDataDirectory(_ path: String) async throws -> DataDirectory {
        for _ in 0..<Self.lockAttempts {
            do throws(AgentError) {
                return try DataDirectory(path: path)
            } catch .alreadyRunning {
                try await clock.sleep(for: Self.lockDelay)
            }
        }
        return try DataDirectory(path: path)
    }

    private func serve(
        _ link: any ServerLink, data: DataDirectory, identity: AgentIdentity, registry: AttemptRegistry
    ) async throws {
        let session = AgentSession(
            configuration: configuration, link: link, data: data, registry: registry, clock: clock, random: random,
            logger: logger)
        do {
            try await cancelWhenGracefulShutdown {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await self.lookNowAndThen(registry) }
                    group.addTask { try await self.lookAtNews(registry) }
                    group.addTask { try await session.run(identity: identity) }
                    // Neither returns by itself: the first to end ends the other.
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }
        } catch is CancellationError {
            logger.info("agent stopped; running commands go on")
        }
        await registry.leave()
    }

    /// Looks at the spool now and then while attempts are there, and not at all otherwise.
    private func lookNowAndThen(_ registry: AttemptRegistry) async throws {
        for await _ in registry.activity {
            while let pause = await registry.look() { try await clock.sleep(for: pause) }
        }
        try Task.checkCancellation()
    }

    /// Looks at what has changed as soon as it has, and then rests for a moment: what comes together is handled together.
    private func lookAtNews(_ registry: AttemptRegistry) async throws {
        for await _ in registry.news {
            await registry.lookAtNews()
            try await clock.sleep(for: Self.newsInterval)
        }
        try Task.checkCancellation()
    }
}
