package import JSONCore

/// A batch of what the agent has to tell, in order. At most `byteLimit` bytes of JSON text.
package struct Report: WireMessage {
    /// The server refuses larger bodies; agents fill batches up to a quarter of it.
    package static let byteLimit = 4 * 1024 * 1024

    package var messages: [AgentMessage]

    package init(messages: [AgentMessage]) {
        self.messages = messages
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        messages = try reader.list("messages") { (value: JSONValue) throws(WireError) in try AgentMessage(json: value) }
    }

    package var json: JSONValue { ["messages": .array(messages.map(\.json))] }
}
