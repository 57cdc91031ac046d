import AgentProtocol

/// The answer to an agent.
package enum GatewayAnswer: Sendable {
    /// A JSON body with its status.
    case message(status: Int, body: [UInt8])
    /// Bytes of an object, and headers that say of which version.
    case content([UInt8], headers: [(name: String, value: String)])
    /// The stream of work: what `lines` yields, until it ends or the client goes away.
    case work(WorkStream)

    /// An answer that carries a message.
    static func ok(_ message: some WireMessage) -> GatewayAnswer {
        .message(status: 200, body: message.bytes)
    }

    /// A refusal; `status` where it is not that of its code.
    static func refusal(_ refusal: Refusal, status: Int? = nil) -> GatewayAnswer {
        .message(status: status ?? refusal.code.status, body: refusal.bytes)
    }
}
