package import JSONCore

/// The answers to a report: any number of messages, in the order of what they answer. The whole report is durable.
package struct ReportReply: WireMessage {
    package var messages: [ServerMessage]

    package init(messages: [ServerMessage]) {
        self.messages = messages
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        messages = try reader.list("messages") { (value: JSONValue) throws(WireError) in try ServerMessage(json: value) }
    }

    package var json: JSONValue { ["messages": .array(messages.map(\.json))] }
}
