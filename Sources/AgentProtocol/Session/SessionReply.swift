package import JSONCore

/// The server's answer to a greeting. The node is Online from now, and as long as its work stream is open.
package struct SessionReply: WireMessage {
    /// Opaque; goes with every later request. A newer session of the instance makes it invalid.
    package var session: String
    package var protocolVersion: Int
    /// How often the server writes at least a `ping`: at most 15, for agents take a stream that is silent for 45 s for dead.
    package var heartbeatSeconds: Int
    /// The server's clock, milliseconds since 1970; the agent signs with the difference taken into account.
    package var serverTimeMilliseconds: Int64
    /// What the server has to say of the attempts named in the greeting: `cancel`, `void`, `closed`.
    package var messages: [ServerMessage]

    package init(
        session: String, protocolVersion: Int, heartbeatSeconds: Int = 15, serverTimeMilliseconds: Int64,
        messages: [ServerMessage] = []
    ) {
        self.session = session
        self.protocolVersion = protocolVersion
        self.heartbeatSeconds = heartbeatSeconds
        self.serverTimeMilliseconds = serverTimeMilliseconds
        self.messages = messages
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        session = try reader.text("session")
        protocolVersion = try reader.int("protocolVersion")
        heartbeatSeconds = try reader.int("heartbeatSeconds")
        serverTimeMilliseconds = try reader.integer("serverTime")
        messages = try reader.list("messages") { (value: JSONValue) throws(WireError) in try ServerMessage(json: value) }
    }

    package var json: JSONValue {
        [
            "session": .text(session), "protocolVersion": .integer(protocolVersion),
            "heartbeatSeconds": .integer(heartbeatSeconds), "serverTime": .integer(serverTimeMilliseconds),
            "messages": .array(messages.map(\.json)),
        ]
    }
}
