package import AWSProtocols
import JSONCore
package import TimeSource

/// A message that is checked and fit to be published (SNS API Reference, Publish).
package struct TopicMessage: Sendable, Hashable {
    /// Bytes of a message with its attributes (same page).
    static let sizeLimit = 262_144
    private static let subjectLimit = 100

    /// The `MessageId`.
    package let id: String
    /// The subject, nil without one.
    package let subject: String?
    /// The text that was published, or the `default` of a message with structure.
    package let text: String
    /// The texts for single protocols of a message with structure.
    package let texts: [String: String]
    /// The attributes.
    package let attributes: [MessageAttribute]
    /// When it was published.
    package let publishedAt: Timestamp

    /// A message of these parts.
    /// - Parameter structure: the request's `MessageStructure`: `json` when `message` has a text for each protocol.
    package init(
        id: String, subject: String?, message: String, structure: String?, attributes: [MessageAttribute], publishedAt: Timestamp
    ) throws(APIError) {
        guard !message.isEmpty else { throw SNSError.invalidParameter("Empty message") }
        guard message.utf8.count + attributes.reduce(0, { $0 + $1.size }) <= TopicMessage.sizeLimit else {
            throw SNSError.invalidParameter("Message too long")
        }
        if let subject { try TopicMessage.check(subject: subject) }
        switch structure {
        case nil, "":
            text = message
            texts = [:]
        case "json":
            (text, texts) = try TopicMessage.parse(message)
        default:
            throw SNSError.invalidParameter("MessageStructure")
        }
        self.id = id
        self.subject = subject
        self.attributes = attributes
        self.publishedAt = publishedAt
    }

    /// What is sent by a protocol.
    func text(for protocol: SubscriptionProtocol) -> String {
        texts[`protocol`.rawValue] ?? text
    }

    /// Text without line breaks and control characters, at most 100 characters long.
    private static func check(subject: String) throws(APIError) {
        guard !subject.isEmpty, subject.unicodeScalars.count <= subjectLimit, !subject.unicodeScalars.contains(where: \.isControlCharacter),
            subject.utf8.first != UInt8(ascii: " ")
        else { throw SNSError.invalidParameter("Subject") }
    }

    private static func parse(_ message: String) throws(APIError) -> (text: String, texts: [String: String]) {
        guard let object = (try? JSONParser.parse(message))?.object else {
            throw SNSError.invalidParameter("Message Structure - JSON message body failed to parse")
        }
        guard let text = object["default"]?.text else {
            throw SNSError.invalidParameter("Message Structure - No default entry in JSON message body")
        }
        var texts: [String: String] = [:]
        for member in object.members { texts[member.key.text] = member.value.text }
        return (text, texts)
    }
}
