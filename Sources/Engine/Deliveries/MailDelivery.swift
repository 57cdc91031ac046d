import JSONCore
package import TimeSource

/// A mail on its way: what stands in the body of deliveries of the kind `mail`. Its sender's address is that of the server's
/// configuration at the time of sending.
package struct MailDelivery: Sendable, Hashable {
    /// The kind.
    package static let kind = "mail"

    /// The receiver's address.
    package var to: String
    /// The name shown beside the sender's address; nil for the configuration's.
    package var senderName: String?
    /// The subject.
    package var subject: String
    /// The plain text.
    package var text: String
    /// When it was written, by the wall clock.
    package var writtenAt: Timestamp
    /// Where the receiver ends the subscription.
    package var unsubscribeURL: String?

    /// A mail of these parts.
    package init(
        to: String, senderName: String? = nil, subject: String, text: String, writtenAt: Timestamp, unsubscribeURL: String? = nil
    ) {
        self.to = to
        self.senderName = senderName
        self.subject = subject
        self.text = text
        self.writtenAt = writtenAt
        self.unsubscribeURL = unsubscribeURL
    }

    /// The body of the delivery.
    package var encoded: [UInt8] {
        var object: JSONObject = [
            "to": .text(to), "subject": .text(subject), "text": .text(text), "writtenAt": .integer(writtenAt.milliseconds),
        ]
        object["senderName"] = senderName.map(JSONValue.text)
        object["unsubscribeURL"] = unsubscribeURL.map(JSONValue.text)
        return JSONWriter.bytes(of: .object(object))
    }

    /// Reads a body; nil when it is none.
    package init?(encoded: [UInt8]) {
        guard let value = try? JSONParser.parse(encoded), let to = value["to"]?.text, let subject = value["subject"]?.text,
            let text = value["text"]?.text, let writtenAt = value["writtenAt"]?.integer
        else { return nil }
        self.init(
            to: to, senderName: value["senderName"]?.text, subject: subject, text: text,
            writtenAt: Timestamp(milliseconds: writtenAt), unsubscribeURL: value["unsubscribeURL"]?.text)
    }
}
