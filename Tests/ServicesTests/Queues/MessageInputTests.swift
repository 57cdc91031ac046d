import AWSProtocols
import Engine
import Store
import Testing
import TimeSource

@testable import Services

@Suite struct MessageInputTests {
    private func queue(_ name: String = "q", _ change: (inout QueueAttributes) -> Void = { _ in }) -> QueueRecord {
        var attributes = QueueAttributes()
        change(&attributes)
        return QueueRecord(
            id: 1, name: QueueName(account: "000000000000", name: name), attributes: attributes,
            createdAt: Timestamp(milliseconds: 0), modifiedAt: Timestamp(milliseconds: 0))
    }

    private func refusal(_ input: APIStructure, _ queue: QueueRecord) -> String? {
        do {
            _ = try MessageInput(input, for: queue, from: "me")
            return nil
        } catch {
            return "\(error.code): \(error.message)"
        }
    }

    @Test func aMessageIsTakenAsItIs() throws {
        let input = try MessageInput(
            [
                "MessageBody": "body", "DelaySeconds": 5, "MessageGroupId": "tenant",
                "MessageAttributes": ["n": ["DataType": "Number.float", "StringValue": "1.5"]],
                "MessageSystemAttributes": ["AWSTraceHeader": ["DataType": "String", "StringValue": "Root=1"]],
            ], for: queue(), from: "me")
        #expect(input.message.body == "body")
        #expect(input.message.delay == .seconds(5))
        #expect(input.message.groupID == "tenant")
        #expect(input.message.traceHeader == "Root=1")
        #expect(input.message.senderID == "me")
        #expect(input.message.attributes == [QueueMessageAttribute(name: "n", dataType: "Number.float", value: .string("1.5"))])
    }

    @Test(arguments: [
        ([:], "MissingParameter: The request must contain the parameter MessageBody."),
        (["MessageBody": ""], "MissingParameter: The request must contain the parameter MessageBody."),
        (["MessageBody": "a\u{0}"],
            "InvalidMessageContents: Invalid binary character '#x0' was found in the message body, the set of allowed characters is "
                + "#x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]."),
        (["MessageBody": "a", "DelaySeconds": 901],
            "InvalidParameterValue: Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."),
        (["MessageBody": "a", "MessageDeduplicationId": "d"],
            "InvalidParameterValue: Value d for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that "
                + "is not valid for this queue type."),
        (["MessageBody": "a", "MessageGroupId": "a b"],
            "InvalidParameterValue: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length."),
        (["MessageBody": "a", "MessageSystemAttributes": ["Other": ["DataType": "String", "StringValue": "x"]]],
            "InvalidParameterValue: Message system attribute name 'Other' is invalid."),
    ] as [(APIStructure, String)])
    func standardQueuesRefuse(input: APIStructure, words: String) {
        #expect(refusal(input, queue()) == words)
    }

    @Test(arguments: [
        (["MessageBody": "a"], "MissingParameter: The request must contain the parameter MessageGroupId."),
        (["MessageBody": "a", "MessageGroupId": "g"],
            "InvalidParameterValue: The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
                + "explicitly"),
        (["MessageBody": "a", "MessageGroupId": "g", "MessageDeduplicationId": "d", "DelaySeconds": 2],
            "InvalidParameterValue: Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not "
                + "valid for this queue type."),
        (["MessageBody": "a", "MessageGroupId": "g", "MessageDeduplicationId": "d", "DelaySeconds": 0], nil),
    ] as [(APIStructure, String?)])
    func fifoQueuesDemand(input: APIStructure, words: String?) {
        #expect(refusal(input, queue("q.fifo")) == words)
    }

    @Test func aQueueMayMakeDeduplicationIDs() {
        let queue = queue("q.fifo") { $0.contentBasedDeduplication = true }
        #expect(refusal(["MessageBody": "a", "MessageGroupId": "g"], queue) == nil)
    }

    @Test func attributesCountOfTheSize() {
        let queue = queue { $0.maximumMessageSize = 1_024 }
        let attributes: APIValue = ["n": ["DataType": "String", "StringValue": "v"]]
        let fits: APIStructure = ["MessageBody": .string(String(repeating: "a", count: 1_016)), "MessageAttributes": attributes]
        let isLonger: APIStructure = ["MessageBody": .string(String(repeating: "a", count: 1_017)), "MessageAttributes": attributes]
        #expect(MessageInput.size(fits) == 1_024)
        #expect(refusal(fits, queue) == nil)
        #expect(
            refusal(isLonger, queue)
                == "InvalidParameterValue: One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.")
    }

    @Test(arguments: [
        ("n", ["StringValue": "v"], "The message (user) attribute 'n' must contain a non-empty message attribute type."),
        ("n", ["DataType": "Text", "StringValue": "v"],
            "The type of message (user) attribute 'n' is invalid. You must use only the following supported type prefixes: Binary, "
                + "Number, String."),
        ("n", ["DataType": "String"], "Message (user) attribute 'n' must contain a non-empty value of type 'String'."),
        ("n", ["DataType": "String", "StringValue": ""], "Message (user) attribute 'n' must contain a non-empty value of type 'String'."),
        ("n", ["DataType": "String", "BinaryValue": .blob([1])],
            "Message (user) attribute 'n' with type 'String' must use field 'String'."),
        ("n", ["DataType": "Binary", "StringValue": "v"], "Message (user) attribute 'n' with type 'Binary' must use field 'Binary'."),
        ("n", ["DataType": "String", "StringValue": "v", "BinaryValue": .blob([1])],
            "Message (user) attribute 'n' must have a single value."),
        ("n", ["DataType": "Number", "StringValue": "one"], "Can't cast the value of message (user) attribute 'n' to a number."),
        (".n", ["DataType": "String", "StringValue": "v"], "Message (user) attribute name must not begin with character '.'."),
        ("n.", ["DataType": "String", "StringValue": "v"], "Message (user) attribute name must not end with character '.'."),
        ("a..b", ["DataType": "String", "StringValue": "v"],
            "Message (user) attribute name must not have successive '.' characters."),
        ("AWS.x", ["DataType": "String", "StringValue": "v"],
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon'. These strings are reserved for internal use."),
    ] as [(String, APIValue, String)])
    func attributesHaveRules(name: String, value: APIValue, words: String) {
        let input: APIStructure = ["MessageBody": "a", "MessageAttributes": .structure(APIStructure([(name, value)]))]
        #expect(refusal(input, queue()) == "InvalidParameterValue: " + words)
    }

    @Test func aMessageHasTenAttributesAtMost() {
        let attributes = (0..<11).map { ("n\($0)", ["DataType": "String", "StringValue": "v"] as APIValue) }
        #expect(
            refusal(["MessageBody": "a", "MessageAttributes": .structure(APIStructure(attributes))], queue())
                == "InvalidParameterValue: Number of message attributes [11] exceeds the allowed maximum [10].")
    }
}
