import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

extension HTTPClient {
    /// A client for conversations with the server: HTTP/1.1, no redirects, TLS with the host's name verified.
    /// - Parameter authorities: certificate authorities (PEM) to trust instead of the system's; nil for those.
    static func forServer(authorities: [UInt8]?, connectTimeout: TimeAmount, readTimeout: TimeAmount) throws -> HTTPClient {
        var settings = HTTPClient.Configuration()
        if let authorities {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authorities))
            settings.tlsConfiguration = tls
        }
        settings.timeout = .init(connect: connectTimeout, read: readTimeout)
        settings.httpVersion = .http1Only
        settings.redirectConfiguration = .disallow
        // A connection that waits in vain would delay the caller's own, shorter back-off.
        settings.connectionPool.retryConnectionEstablishment = false
        // One conversation needs no more than one thread, whatever the host has.
        return HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.oneThread, configuration: settings)
    }
}

extension MultiThreadedEventLoopGroup {
    /// Lives as long as the process, as the shared group does that has a thread for each processor.
    fileprivate static let oneThread = MultiThreadedEventLoopGroup(numberOfThreads: 1)
}
