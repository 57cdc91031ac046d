import AWSProtocols
import Engine
import Store

/// A message as SendMessage or an entry of SendMessageBatch gives it, checked, with the digests of the answer.
struct MessageInput {
    /// As it goes into the queue.
    let message: OutgoingMessage
    private let bodyDigest: String
    private let attributesDigest: String?
    private let systemAttributesDigest: String?

    /// Reads and checks a message for a queue.
    init(_ input: APIStructure, for queue: QueueRecord, from sender: String) throws(APIError) {
        guard let body = input.string("MessageBody"), !body.isEmpty else { throw SQSError.missing("MessageBody") }
        try MessageText.check(body, in: "message body")
        let attributes = try QueueMessageAttribute.parse(input.structure("MessageAttributes"))
        guard body.utf8.count + attributes.reduce(0, { $0 + $1.size }) <= queue.attributes.maximumMessageSize else {
            throw SQSError.messageTooLong(limit: queue.attributes.maximumMessageSize)
        }
        let traceHeader = try MessageInput.traceHeader(input.structure("MessageSystemAttributes"))
        let ids = try MessageInput.ids(input, queue)
        message = OutgoingMessage(
            queue: queue.name, body: body, attributes: attributes, traceHeader: traceHeader,
            delay: try MessageInput.delay(input.integer("DelaySeconds"), queue), groupID: ids.group,
            deduplicationID: ids.deduplication, senderID: sender)
        bodyDigest = QueueDigest.body(body)
        attributesDigest = QueueDigest.attributes(attributes)
        systemAttributesDigest = QueueDigest.systemAttributes(traceHeader: traceHeader)
    }

    /// The bytes that a message counts of a batch, before it is checked.
    static func size(_ input: APIStructure) -> Int {
        var size = input.string("MessageBody")?.utf8.count ?? 0
        for member in input.structure("MessageAttributes")?.members ?? [] {
            let value = member.value.structure ?? [:]
            size += member.name.utf8.count + (value.string("DataType")?.utf8.count ?? 0)
            size += value.string("StringValue")?.utf8.count ?? value.blob("BinaryValue")?.count ?? 0
        }
        return size
    }

    /// The answer once it is sent.
    /// - Parameter id: the entry's, in a batch.
    func answer(_ sent: SentMessage, id: String? = nil) -> APIStructure {
        var answer = APIStructure(capacity: 6)
        if let id { answer.append("Id", .string(id)) }
        answer.append("MessageId", .string(sent.messageID))
        answer.append("MD5OfMessageBody", .string(bodyDigest))
        if let attributesDigest { answer.append("MD5OfMessageAttributes", .string(attributesDigest)) }
        if let systemAttributesDigest { answer.append("MD5OfMessageSystemAttributes", .string(systemAttributesDigest)) }
        if let number = sent.sequenceNumber { answer.append("SequenceNumber", .string(number)) }
        return answer
    }

    private static func delay(_ seconds: Int64?, _ queue: QueueRecord) throws(APIError) -> Duration? {
        guard let seconds else { return nil }
        guard (0...900).contains(seconds) else {
            throw SQSError.invalidValue(String(seconds), of: "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")
        }
        guard queue.isFIFO else { return .seconds(seconds) }
        // A FIFO queue has one delay for all; zero may be said.
        guard seconds == 0 else { throw SQSError.notOfThisQueueType(String(seconds), "DelaySeconds") }
        return nil
    }

    private static func ids(_ input: APIStructure, _ queue: QueueRecord) throws(APIError) -> (group: String?, deduplication: String?) {
        let group = input.string("MessageGroupId")
        let deduplication = input.string("MessageDeduplicationId")
        for (name, value) in [("MessageGroupId", group), ("MessageDeduplicationId", deduplication)] {
            guard let value, !MessageText.isID(value), !value.isEmpty || !queue.isFIFO else { continue }
            throw SQSError.invalidParameter(
                "\(name) can only include alphanumeric and punctuation characters. 1 to 128 in length.")
        }
        if queue.isFIFO {
            guard group?.isEmpty == false else { throw SQSError.missingGroup() }
            guard deduplication?.isEmpty == false || queue.attributes.contentBasedDeduplication else {
                throw SQSError.missingDeduplication()
            }
            return (group, deduplication?.isEmpty == true ? nil : deduplication)
        }
        if let deduplication { throw SQSError.notOfThisQueueType(deduplication, "MessageDeduplicationId") }
        // Standard queues take groups since July 2025, for fairness between tenants.
        return (group, nil)
    }

    /// The one system attribute that senders may set (X-Ray's trace).
    private static func traceHeader(_ map: APIStructure?) throws(APIError) -> String? {
        guard let map, !map.isEmpty else { return nil }
        for member in map.members where member.name != "AWSTraceHeader" {
            throw SQSError.invalidParameter("Message system attribute name '\(member.name)' is invalid.")
        }
        guard let attribute = try QueueMessageAttribute.parse(map, kind: "system").first else { return nil }
        guard attribute.dataType == "String", case .string(let text) = attribute.value else {
            throw SQSError.invalidParameter(
                "The message system attribute 'AWSTraceHeader' is reserved for AWS X-Ray trace header. The type must be 'String'.")
        }
        return text
    }
}
