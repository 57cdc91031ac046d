import ByteCoding
import JSONCore
import Store
import TimeSource

/// The event in which a function gets messages (AWS Lambda Developer Guide, "Using Lambda with Amazon SQS").
enum QueueEvent {
    /// The JSON of one message, a record of the event.
    static func record(of message: ReceivedMessage, queueARN: String, region: String) -> JSONObject {
        var attributes: JSONObject = [
            "ApproximateReceiveCount": .text(String(message.receiveCount)),
            "SentTimestamp": .text(String(message.sentAt.milliseconds)),
        ]
        attributes["SequenceNumber"] = message.sequenceNumber.map(JSONValue.text)
        attributes["MessageGroupId"] = message.groupID.map(JSONValue.text)
        attributes["SenderId"] = .text(message.senderID)
        attributes["MessageDeduplicationId"] = message.deduplicationID.map(JSONValue.text)
        attributes["ApproximateFirstReceiveTimestamp"] = .text(String(message.firstReceivedAt.milliseconds))
        attributes["AWSTraceHeader"] = message.traceHeader.map(JSONValue.text)
        attributes["DeadLetterQueueSourceArn"] = message.deadLetterSource.map { .text($0.arn(region: region)) }
        var record: JSONObject = [
            "messageId": .text(message.messageID), "receiptHandle": .text(message.receiptHandle), "body": .text(message.body),
            "attributes": .object(attributes),
            "messageAttributes": .object(
                JSONObject(message.attributes.map { (JSONString($0.name), value(of: $0)) })),
        ]
        record["md5OfBody"] = .text(QueueDigest.body(message.body))
        record["md5OfMessageAttributes"] = QueueDigest.attributes(message.attributes).map(JSONValue.text)
        record["eventSource"] = "aws:sqs"
        record["eventSourceARN"] = .text(queueARN)
        record["awsRegion"] = .text(region)
        return record
    }

    /// The event of these records.
    static func event(of records: some Sequence<JSONObject>) -> [UInt8] {
        JSONWriter.bytes(of: ["Records": .array(records.map(JSONValue.object))])
    }

    private static func value(of attribute: QueueMessageAttribute) -> JSONValue {
        var value = JSONObject()
        switch attribute.value {
        case .string(let text): value["stringValue"] = .text(text)
        case .binary(let bytes): value["binaryValue"] = .text(Base64.text(bytes))
        }
        value["stringListValues"] = []
        value["binaryListValues"] = []
        value["dataType"] = .text(attribute.dataType)
        return .object(value)
    }
}
