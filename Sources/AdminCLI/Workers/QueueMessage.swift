package import JSONCore

/// A message as ReceiveMessage hands it out.
package struct QueueMessage: Hashable, Sendable {
    /// One of the sender's attributes; binary values as Base64, as on the wire.
    package struct Attribute: Hashable, Sendable {
        /// The attribute's name.
        package let name: String
        /// Its value as text.
        package let value: String

        /// An attribute of these parts.
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The message's id.
    package let id: String
    /// What deletes or extends this receive of it.
    package let receiptHandle: String
    /// The body.
    package let body: String
    /// What the queue knows of it: `ApproximateReceiveCount`, `SentTimestamp`, `MessageGroupId`…
    package let facts: [String: String]
    /// What the sender attached, in the order of the answer.
    package let attributes: [Attribute]

    /// A message of these parts.
    package init(id: String, receiptHandle: String, body: String, facts: [String: String] = [:], attributes: [Attribute] = []) {
        self.id = id
        self.receiptHandle = receiptHandle
        self.body = body
        self.facts = facts
        self.attributes = attributes
    }

    /// Reads a message of an answer; nil when it is none.
    package init?(_ value: JSONValue) {
        guard let id = value["MessageId"]?.text, let handle = value["ReceiptHandle"]?.text else { return nil }
        var facts: [String: String] = [:]
        for member in value["Attributes"]?.object?.members ?? [] { facts[member.key.text] = member.value.text }
        let attributes = (value["MessageAttributes"]?.object?.members ?? []).compactMap { member -> Attribute? in
            guard let text = (member.value["StringValue"] ?? member.value["BinaryValue"])?.text else { return nil }
            return Attribute(name: member.key.text, value: text)
        }
        self.init(id: id, receiptHandle: handle, body: value["Body"]?.text ?? "", facts: facts, attributes: attributes)
    }

    /// How often it was received, this time included.
    package var receiveCount: Int { facts["ApproximateReceiveCount"].flatMap { Int($0) } ?? 1 }
}
