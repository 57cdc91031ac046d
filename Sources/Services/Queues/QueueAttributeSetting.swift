import AWSProtocols
import Engine
import JSONCore
import Store

/// Reads attributes as CreateQueue and SetQueueAttributes give them (Amazon SQS API Reference: the attributes' names, ranges and
/// defaults).
struct QueueAttributeSetting {
    /// The queue whose attributes they are.
    let queue: QueueName
    /// Whether the queue is being created; some words of AWS differ then.
    let isNew: Bool

    /// Sets one attribute after the other.
    /// - Throws: the API's error for the first that is unknown, or has a value that it cannot have.
    func apply(_ values: [(String, String)], to attributes: inout QueueAttributes) throws(APIError) {
        for (name, value) in values { try set(name, value, in: &attributes) }
        try encryption(values, in: &attributes)
        guard attributes.fifoThroughputLimit == .perQueue || attributes.deduplicationScope == .messageGroup else {
            throw SQSError.invalidParameter(
                "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup")
        }
    }

    private func set(_ name: String, _ value: String, in attributes: inout QueueAttributes) throws(APIError) {
        switch name {
        case "VisibilityTimeout": attributes.visibilityTimeout = .seconds(try number(value, name, 0...43_200))
        case "DelaySeconds": attributes.delay = .seconds(try number(value, name, 0...900))
        case "MessageRetentionPeriod": attributes.retention = .seconds(try number(value, name, 60...1_209_600))
        case "MaximumMessageSize": attributes.maximumMessageSize = try number(value, name, 1_024...1_048_576)
        case "ReceiveMessageWaitTimeSeconds": attributes.receiveWait = .seconds(try number(value, name, 0...20))
        case "KmsMasterKeyId": attributes.kmsMasterKeyID = value.isEmpty ? nil : value
        case "KmsDataKeyReusePeriodSeconds":
            attributes.kmsDataKeyReusePeriod = .seconds(try number(value, name, 60...86_400))
        case "SqsManagedSseEnabled": attributes.sqsManagedSSEEnabled = try flag(value, name)
        case "Policy": attributes.policy = try policy(value)
        case "RedrivePolicy": attributes.redrivePolicy = try RedrivePolicyText.redrivePolicy(value)
        case "RedriveAllowPolicy": attributes.redriveAllowPolicy = try RedrivePolicyText.redriveAllowPolicy(value)
        case "FifoQueue": try checkType(value)
        case "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit":
            try setFIFO(name, value, in: &attributes)
        default: throw SQSError.unknownAttribute(name)
        }
    }

    private func number(_ text: String, _ name: String, _ range: ClosedRange<Int>) throws(APIError) -> Int {
        guard let value = Int(text), range.contains(value) else { throw SQSError.invalidAttributeValue(name) }
        return value
    }

    private func flag(_ text: String, _ name: String) throws(APIError) -> Bool {
        switch text {
        case "true": return true
        case "false": return false
        default: throw SQSError.invalidAttributeValue(name)
        }
    }

    /// Policies are stored and returned, not enforced: that they are JSON of the right form is all that is asked.
    private func policy(_ text: String) throws(APIError) -> String? {
        if text.isEmpty { return nil }
        guard let document = (try? JSONParser.parse(Array(text.utf8)))?.object, document["Statement"] != nil else {
            throw SQSError.invalidAttributeValue("Policy")
        }
        return text
    }

    /// A queue's type cannot be changed, and that of a standard queue not even be named.
    private func checkType(_ value: String) throws(APIError) {
        guard queue.isFIFO, value == "true" || !isNew else { throw SQSError.unknownAttribute("FifoQueue") }
        guard value == "true" else {
            throw SQSError.invalidAttributeValue("FifoQueue", " Reason: Modifying queue type is not supported.")
        }
    }

    private func setFIFO(_ name: String, _ value: String, in attributes: inout QueueAttributes) throws(APIError) {
        guard queue.isFIFO else {
            throw isNew || name == "ContentBasedDeduplication"
                ? SQSError.unknownAttribute(name, " Should be used only with FIFO Queues.")
                : SQSError.invalidAttributeName("You can specify the \(name) only when FifoQueue is set to true.")
        }
        switch name {
        case "ContentBasedDeduplication": attributes.contentBasedDeduplication = try flag(value, name)
        case "DeduplicationScope":
            guard let scope = QueueAttributes.DeduplicationScope(rawValue: value) else { throw SQSError.invalidAttributeValue(name) }
            attributes.deduplicationScope = scope
        default:
            guard let limit = QueueAttributes.FIFOThroughputLimit(rawValue: value) else { throw SQSError.invalidAttributeValue(name) }
            attributes.fifoThroughputLimit = limit
        }
    }

    /// A queue has one kind of encryption at a time; naming a key ends the other kind.
    private func encryption(_ values: [(String, String)], in attributes: inout QueueAttributes) throws(APIError) {
        guard attributes.kmsMasterKeyID != nil else { return }
        if attributes.sqsManagedSSEEnabled == true {
            guard !values.contains(where: { $0.0 == "SqsManagedSseEnabled" }) else {
                throw SQSError.invalidAttributeName(
                    "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
            }
            attributes.sqsManagedSSEEnabled = false
        }
    }
}
