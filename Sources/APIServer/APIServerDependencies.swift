package import APIModels
package import Logging
package import RequestSigning
package import Services
package import TimeSource

/// What the server needs of the rest of the product; the composition root provides it.
package struct APIServerDependencies: Sendable {
    /// AWS's models.
    package var catalogue: ModelCatalogue
    /// The operations that are served.
    package var registry: OperationRegistry
    /// Finds access keys.
    package var credentials: any CredentialResolver
    /// The wall clock.
    package var clock: any ClockSource
    /// Makes request ids.
    package var identifiers: IdentifierSource
    /// Routes that need no signature, in the order in which they are tried.
    package var unsignedRoutes: [UnsignedRoute]
    /// Whether the server has recovered and serves; decides how `GET /health` answers.
    package var isReady: @Sendable () async -> Bool
    /// Whether restored data waits for its release; told by `GET /health`.
    package var isHeld: @Sendable () -> Bool
    /// Called once the server listens, with its port.
    package var onListening: @Sendable (Int) async -> Void
    /// The component's logger.
    package var logger: Logger

    /// Dependencies of these parts.
    package init(
        catalogue: ModelCatalogue, registry: OperationRegistry, credentials: any CredentialResolver,
        clock: any ClockSource, identifiers: IdentifierSource, unsignedRoutes: [UnsignedRoute] = [],
        isReady: @escaping @Sendable () async -> Bool = { true }, isHeld: @escaping @Sendable () -> Bool = { false },
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }, logger: Logger
    ) {
        self.catalogue = catalogue
        self.registry = registry
        self.credentials = credentials
        self.clock = clock
        self.identifiers = identifiers
        self.unsignedRoutes = unsignedRoutes
        self.isReady = isReady
        self.isHeld = isHeld
        self.onListening = onListening
        self.logger = logger
    }
}
