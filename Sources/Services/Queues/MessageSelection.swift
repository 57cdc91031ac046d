import AWSProtocols
import Engine
import Store
import TimeSource

/// Which attributes of a message ReceiveMessage is asked to show.
struct MessageSelection {
    /// The system attributes in the order of answers (Amazon SQS API Reference, ReceiveMessage: `MessageSystemAttributeNames`).
    private static let systemNames = [
        "SenderId", "ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount", "SentTimestamp", "SequenceNumber",
        "MessageDeduplicationId", "MessageGroupId", "AWSTraceHeader", "DeadLetterQueueSourceArn",
    ]

    private let system: [String]
    private let allAttributes: Bool
    private let names: [String]
    private let prefixes: [String]

    /// What a request asks for; `AttributeNames` is the older name of `MessageSystemAttributeNames`.
    /// - Throws: `InvalidAttributeName` for a name that there is not.
    init(_ input: APIStructure) throws(APIError) {
        let asked = input.strings("AttributeNames") + input.strings("MessageSystemAttributeNames")
        for name in asked where name != "All" && !MessageSelection.systemNames.contains(name) {
            // `AttributeNames` has the type of GetQueueAttributes' names, so those pass, and show nothing.
            guard QueueRecord.attributeNames.contains(name) else { throw SQSError.unknownAttribute(name) }
        }
        system = asked.contains("All") ? MessageSelection.systemNames : MessageSelection.systemNames.filter(asked.contains)
        var names: [String] = []
        var prefixes: [String] = []
        var all = false
        for name in input.strings("MessageAttributeNames") {
            if name == "All" || name == ".*" {
                all = true
            } else if name.hasSuffix(".*") {
                prefixes.append(String(name.dropLast(2)))
            } else {
                names.append(name)
            }
        }
        allAttributes = all
        self.names = names
        self.prefixes = prefixes
    }

    /// The message as the answer shows it. Its attributes' digest is of those shown.
    func shown(_ message: ReceivedMessage, region: String) -> APIStructure {
        var shown = APIStructure(capacity: 7)
        shown.append("MessageId", .string(message.messageID))
        shown.append("ReceiptHandle", .string(message.receiptHandle))
        shown.append("MD5OfBody", .string(QueueDigest.body(message.body)))
        shown.append("Body", .string(message.body))
        if !system.isEmpty { shown.append("Attributes", .structure(systemAttributes(of: message, region: region))) }
        let attributes = message.attributes.filter { includes($0.name) }
        if let digest = QueueDigest.attributes(attributes) {
            shown.append("MD5OfMessageAttributes", .string(digest))
            shown.append("MessageAttributes", .structure(APIStructure(attributes.map { ($0.name, $0.shown) })))
        }
        return shown
    }

    private func includes(_ name: String) -> Bool {
        allAttributes || names.contains(name) || prefixes.contains { name.utf8.starts(with: $0.utf8) }
    }

    private func systemAttributes(of message: ReceivedMessage, region: String) -> APIStructure {
        var attributes = APIStructure(capacity: system.count)
        for name in system {
            if let value = value(name, of: message, region: region) { attributes.append(name, .string(value)) }
        }
        return attributes
    }

    private func value(_ name: String, of message: ReceivedMessage, region: String) -> String? {
        switch name {
        case "SenderId": message.senderID
        case "SentTimestamp": String(message.sentAt.milliseconds)
        case "ApproximateReceiveCount": String(message.receiveCount)
        case "ApproximateFirstReceiveTimestamp": String(message.firstReceivedAt.milliseconds)
        case "SequenceNumber": message.sequenceNumber
        case "MessageDeduplicationId": message.deduplicationID
        case "MessageGroupId": message.groupID
        case "AWSTraceHeader": message.traceHeader
        case "DeadLetterQueueSourceArn": message.deadLetterSource?.arn(region: region)
        default: nil
        }
    }
}
