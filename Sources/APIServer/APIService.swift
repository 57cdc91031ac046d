import HummingbirdCore
import HummingbirdTLS
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// The HTTP server as a service of the product's group: listens, answers, and drains at graceful shutdown.
package struct APIService: Service {
    private let configuration: APIServerConfiguration
    private let dependencies: APIServerDependencies

    /// A server of this configuration and these parts.
    /// - Throws: all problems of the configuration.
    package init(
        configuration: APIServerConfiguration, dependencies: APIServerDependencies
    ) throws(InvalidServerConfiguration) {
        self.configuration = try configuration.validated()
        self.dependencies = dependencies
    }

    /// Serves until the group shuts down.
    /// - Throws: when the address cannot be bound or the TLS files cannot be read.
    package func run() async throws {
        let onListening = dependencies.onListening
        let port = configuration.port
        let connections = HTTPConnections(
            common: HTTPConnections.Common(
                responder: RequestResponder(configuration: configuration, dependencies: dependencies),
                dates: HTTPDateCache(clock: dependencies.clock),
                idleTimeout: .seconds(configuration.idleTimeout.components.seconds)))
        try await server(of: try overTLS(connections)) { channel in await onListening(channel.localAddress?.port ?? port) }.run()
    }

    /// Hummingbird's server listens, hands connections on, and drains them when it is told to stop.
    private func server(
        of connections: any ServerChildChannel, onListening: @escaping @Sendable (any Channel) async -> Void
    ) -> any Service {
        connections.server(
            // The address may be bound again at once, so that a server that was killed can be restarted.
            configuration: ServerConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: "Nightshift", backlog: 1_024,
                reuseAddress: true),
            onServerRunning: onListening, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: dependencies.logger)
    }

    private func overTLS(_ connections: HTTPConnections) throws -> any ServerChildChannel {
        guard let files = configuration.tls else { return connections }
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificateChain).map { NIOSSLCertificateSource.certificate($0) }
        let key = try NIOSSLPrivateKey(file: files.privateKey, format: .pem)
        var tls = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key))
        tls.minimumTLSVersion = .tlsv12
        return try TLSChannel(connections, tlsConfiguration: tls)
    }
}
