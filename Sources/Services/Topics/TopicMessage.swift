package import AWSProtocols
import Crypto
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
    /// The message group; FIFO topics need it.
    package let groupID: String?
    /// What duplicates are known by, of FIFO topics; nil when the request says nothing.
    package let deduplicationID: String?

    /// A message of these parts.
    /// - Parameter structure: the request's `MessageStructure`: `json` when `message` has a text for each protocol.
    package init(
        id: String, subject: String?, message: String, structure: String?, attributes: [MessageAttribute], publishedAt: Timestamp,
        groupID: String? = nil, deduplicationID: String? = nil
    ) throws(APIError) {
        guard !message.isEmpty else { throw SNSError.invalidParameter("Empty message") }
        guard message.utf8.count + attributes.reduce(0, { $0 + $1.size }) <= TopicMessage.sizeLimit else {
            throw SNSError.invalidParameter("Message too long")
        }
        if let subject { try TopicMessage.check(subject: subject) }
        if let groupID { try TopicMessage.check(token: groupID, named: "MessageGroupId") }
        if let deduplicationID { try TopicMessage.check(token: deduplicationID, named: "MessageDeduplicationId") }
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
        self.groupID = groupID
        self.deduplicationID = deduplicationID
    }

    /// Checks that a topic takes the message, in AWS's words.
    func check(for topic: TopicName, isContentBased: Bool) throws(APIError) {
        guard topic.isFIFO else {
            guard deduplicationID == nil else {
                throw SNSError.invalidParameter(
                    "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type"
                )
            }
            return
        }
        guard groupID != nil else { throw SNSError.invalidParameter("The MessageGroupId parameter is required for FIFO topics") }
        guard deduplicationID != nil || isContentBased else {
            throw SNSError.invalidParameter(
                "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
        }
    }

    /// What duplicates of it are known by: what the request says, else the SHA-256 of the message, without its attributes.
    var deduplicationKey: String { deduplicationID ?? TopicMessage.digest(of: text) }

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

    /// Letters, digits and punctuation, 128 at most (SNS API Reference, Publish).
    private static func check(token: String, named name: String) throws(APIError) {
        guard (1...128).contains(token.utf8.count), token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw SNSError.invalidParameter(
                "\(name) Reason: The \(name) can only include alphanumeric and punctuation characters. 1 to 128 in length")
        }
    }

    /// SHA-256 in hexadecimal.
    private static func digest(of text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }

    /// Checks a message that has a text for each protocol.
    static func check(structure: String?, of message: String) throws(APIError) {
        if structure == "json" { _ = try parse(message) }
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
