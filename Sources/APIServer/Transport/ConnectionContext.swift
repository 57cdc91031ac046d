import Hummingbird
import Logging
import NIOCore

/// What Hummingbird knows of a request beside the request itself.
struct ConnectionContext: Hummingbird.RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The client's connection.
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The client's address, `10.1.2.3`; nil for sockets without one.
    var remoteAddress: String? { channel.remoteAddress?.ipAddress }
}
