import Hummingbird
import Logging
import NIOCore

/// What Hummingbird knows of a request beside the request itself.
struct ConnectionContext: Hummingbird.RequestContext {
    /// What Hummingbird keeps for itself.
    var coreContext: CoreRequestContextStorage
    /// The client's connection.
    let channel: any Channel

    /// A context of a request on this connection.
    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The client's address, `10.1.2.3`; nil for sockets without one.
    var remoteAddress: String? { channel.remoteAddress?.ipAddress }
}
