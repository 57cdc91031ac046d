package import Logging
package import NIOCore
import NIOPosix
package import TimeSource

/// What the pool needs from the rest of the server.
package struct FunctionPoolDependencies: Sendable {
    /// Time: timeouts, idling, timestamps of log lines.
    package var clock: any ClockSource
    /// Identifiers: log streams, scratch folders, trace ids.
    package var identifiers: IdentifierSource
    /// Issues the credentials of each process.
    package var credentials: FunctionCredentialsProvider
    /// Takes the functions' output.
    package var logSink: FunctionLogSink
    /// The component's logger.
    package var logger: Logger
    /// Where the Runtime API listens and answers.
    package var eventLoopGroup: any EventLoopGroup

    /// The dependencies, on NIO's own threads unless told otherwise.
    package init(
        clock: any ClockSource,
        identifiers: IdentifierSource,
        credentials: FunctionCredentialsProvider,
        logSink: @escaping FunctionLogSink,
        logger: Logger,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.clock = clock
        self.identifiers = identifiers
        self.credentials = credentials
        self.logSink = logSink
        self.logger = logger
        self.eventLoopGroup = eventLoopGroup
    }
}
