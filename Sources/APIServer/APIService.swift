import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import NIOCore
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
        try await application().run()
    }

    /// The server itself, not yet listening.
    func application() throws -> Application<RequestResponder> {
        let onListening = dependencies.onListening
        let port = configuration.port
        return Application(
            responder: RequestResponder(configuration: configuration, dependencies: dependencies),
            server: try serverBuilder(),
            // The address may be bound again at once, so that a server that was killed can be restarted.
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: port), serverName: "Nightshift", backlog: 1_024, reuseAddress: true),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
            logger: dependencies.logger)
    }

    private func serverBuilder() throws -> HTTPServerBuilder {
        let idleTimeout = TimeAmount.seconds(configuration.idleTimeout.components.seconds)
        let plain = HTTPServerBuilder { responder in
            EventLoopChannel(HTTP1Channel(responder: responder, configuration: HTTP1Channel.Configuration(idleTimeout: idleTimeout)))
        }
        guard let files = configuration.tls else { return plain }
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificateChain).map { NIOSSLCertificateSource.certificate($0) }
        let key = try NIOSSLPrivateKey(file: files.privateKey, format: .pem)
        var tls = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key))
        tls.minimumTLSVersion = .tlsv12
        return try .tls(plain, tlsConfiguration: tls)
    }
}
