import AWSProtocols
import DatabaseSQLite
import Engine
import JSONCore
import Store
import Testing

/// Queues that subscribe to topics.
@Suite struct QueueSubscriptionTests {
    private static let topic: APIValue = .string(TopicStory.arn("alerts"))

    @Test func aQueueIsConfirmedAtOnceAndGetsTheEnvelope() async throws {
        let story = try await TopicStory()
        let arn = try await story.subscribed(by: "sqs", story.queues.create("work"))
        #expect(arn.hasPrefix(TopicStory.arn("alerts") + ":"))
        let answer = try await story.call(
            "Publish",
            [
                "TopicArn": Self.topic, "Message": "disk full", "Subject": "host 7",
                "MessageAttributes": ["level": ["DataType": "String", "StringValue": "high"]],
            ])
        let message = try #require(story.queues.messages(in: "work").first)
        let body = try JSONParser.parse(message.body)
        #expect(body["Type"] == "Notification")
        #expect(body["MessageId"]?.text == answer.string("MessageId"))
        #expect(body["TopicArn"]?.text == TopicStory.arn("alerts"))
        #expect(body["Subject"] == "host 7")
        #expect(body["Message"] == "disk full")
        #expect(body["SignatureVersion"] == "1")
        #expect(body["UnsubscribeURL"]?.text?.hasSuffix("SubscriptionArn=\(arn)") == true)
        #expect(body["MessageAttributes"]?["level"] == ["Type": "String", "Value": "high"])
        #expect(body["SequenceNumber"] == nil)
        #expect(message.attributes.isEmpty)
        #expect(try await story.deliveries().isEmpty)
    }

    @Test func aRawMessageGoesAloneWithItsAttributes() async throws {
        let story = try await TopicStory()
        _ = try await story.subscribed(by: "sqs", story.queues.create("work"), attributes: [("RawMessageDelivery", "true")])
        try await story.call(
            "Publish",
            [
                "TopicArn": Self.topic, "Message": "plain",
                "MessageAttributes": [
                    "a": ["DataType": "Number", "StringValue": "7"], "b": ["DataType": "Binary", "BinaryValue": .blob([1, 2])],
                ],
            ])
        let message = try #require(story.queues.messages(in: "work").first)
        #expect(message.body == "plain")
        #expect(
            message.attributes == [
                QueueMessageAttribute(name: "a", dataType: "Number", value: .string("7")),
                QueueMessageAttribute(name: "b", dataType: "Binary", value: .binary([1, 2])),
            ])
    }

    @Test(arguments: [
        ("{\"level\": [\"high\"]}", "MessageAttributes", "high", "{}", true),
        ("{\"level\": [\"high\"]}", "MessageAttributes", "low", "{}", false),
        ("{\"kind\": [{\"prefix\": \"or\"}]}", "MessageBody", "low", "{\"kind\": \"order\"}", true),
        ("{\"kind\": [\"bill\"]}", "MessageBody", "low", "{\"kind\": \"order\"}", false),
        ("{\"kind\": [\"bill\"]}", "MessageBody", "low", "no JSON", false),
    ])
    func filterPoliciesDecide(policy: String, scope: String, level: String, body: String, isWanted: Bool) async throws {
        let story = try await TopicStory()
        _ = try await story.subscribed(
            by: "sqs", story.queues.create("work"), attributes: [("FilterPolicy", policy), ("FilterPolicyScope", scope)])
        try await story.call(
            "Publish",
            [
                "TopicArn": Self.topic, "Message": .string(body),
                "MessageAttributes": ["level": ["DataType": "String", "StringValue": .string(level)]],
            ])
        #expect(story.queues.messages(in: "work").count == (isWanted ? 1 : 0))
    }

    @Test(arguments: [true, false]) func whatAMissingQueueCannotTakeGoesToTheDeadLetters(isNoticedLate: Bool) async throws {
        let story = try await TopicStory()
        let letters = story.queues.create("letters")
        _ = try await story.subscribed(
            by: "sqs", story.queues.create("work"), attributes: [("RedrivePolicy", "{\"deadLetterTargetArn\": \"\(letters)\"}")])
        try await story.call("Subscribe", ["TopicArn": Self.topic, "Protocol": "sqs", "Endpoint": .string(story.queues.create("other"))])
        story.queues.delete("work", quietly: isNoticedLate)
        try await story.call("Publish", ["TopicArn": Self.topic, "Message": "m"])
        #expect(story.queues.messages(in: "work").isEmpty)
        #expect(story.queues.messages(in: "letters").count == 1)
        #expect(story.queues.messages(in: "other").count == 1)
    }

    @Test func withoutDeadLettersTheFailureIsKept() async throws {
        let story = try await TopicStory()
        _ = try await story.subscribed(by: "sqs", story.queues.create("work"))
        story.queues.delete("work")
        try await story.call("Publish", ["TopicArn": Self.topic, "Message": "m"])
        let failed = try await story.database.read {
            try DeliveryStore.failed(account: TopicStory.account, before: nil, limit: 10, in: $0)
        }
        #expect(failed.map(\.reason) == ["The queue arn:aws:sqs:us-east-1:000000000000:work does not exist."])
    }

    @Test func aMessageThatIsTooLongForOneQueueReachesTheOthers() async throws {
        let story = try await TopicStory()
        _ = try await story.subscribed(by: "sqs", story.queues.create("small", limit: 10))
        _ = try await story.subscribed(by: "sqs", story.queues.create("large"))
        try await story.call("Publish", ["TopicArn": Self.topic, "Message": "longer than that"])
        #expect(story.queues.messages(in: "small").isEmpty)
        #expect(story.queues.messages(in: "large").count == 1)
    }

    @Test func aRawMessageOfElevenAttributesIsNotForQueues() async throws {
        let story = try await TopicStory()
        let letters = story.queues.create("letters")
        _ = try await story.subscribed(
            by: "sqs", story.queues.create("work"),
            attributes: [("RawMessageDelivery", "true"), ("RedrivePolicy", "{\"deadLetterTargetArn\": \"\(letters)\"}")])
        let attributes = (0..<11).map { ("a\($0)", ["DataType": "String", "StringValue": "x"] as APIValue) }
        try await story.call(
            "Publish", ["TopicArn": Self.topic, "Message": "m", "MessageAttributes": .structure(APIStructure(attributes))])
        #expect(story.queues.messages(in: "work").isEmpty)
        #expect(story.queues.messages(in: "letters").count == 1)
    }

    @Test func changesOfATopicHoldAtOnce() async throws {
        let story = try await TopicStory()
        let arn = try await story.subscribed(by: "sqs", story.queues.create("work"))
        try await story.call("Publish", ["TopicArn": Self.topic, "Message": "1"])
        try await story.call(
            "SetSubscriptionAttributes",
            ["SubscriptionArn": .string(arn), "AttributeName": "FilterPolicy", "AttributeValue": "{\"x\": [\"y\"]}"])
        try await story.call("Publish", ["TopicArn": Self.topic, "Message": "2"])
        #expect(story.queues.messages(in: "work").count == 1)
        try await story.call("Subscribe", ["TopicArn": Self.topic, "Protocol": "sqs", "Endpoint": .string(story.queues.create("late"))])
        try await story.call("Publish", ["TopicArn": Self.topic, "Message": "3"])
        #expect(story.queues.messages(in: "late").count == 1)
        try await story.call("DeleteTopic", ["TopicArn": Self.topic])
        #expect(await story.error("Publish", ["TopicArn": Self.topic, "Message": "4"])?.code == "NotFound")
    }

    @Test(arguments: [
        ("arn:aws:sqs:us-east-1:000000000000", "Invalid parameter: SQS endpoint ARN"),
        ("arn:aws:sqs:us-east-1:111111111111:work", "Invalid parameter: SQS endpoint ARN"),
        ("http://x/y", "Invalid parameter: SQS endpoint ARN"),
        (
            "arn:aws:sqs:us-east-1:000000000000:work.fifo",
            "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"
        ),
    ])
    func endpointsAreChecked(endpoint: String, message: String) async throws {
        let story = try await TopicStory()
        try await story.call("CreateTopic", ["Name": "alerts"])
        let error = await story.error("Subscribe", ["TopicArn": Self.topic, "Protocol": "sqs", "Endpoint": .string(endpoint)])
        #expect(error?.code == "InvalidParameter")
        #expect(error?.message == message)
    }

    @Test(arguments: [
        ("nonsense", "failed to parse JSON. Unrecognized token 'nonsense'"),
        ("{\"deadLetterTargetArn\": \"x\"}", "deadLetterTargetArn is an invalid arn"),
        (
            "{\"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:000000000000:l.fifo\"}",
            "must use a standard queue as DLQ for a standard topic"
        ),
    ])
    func redrivePoliciesAreChecked(policy: String, reason: String) async throws {
        let story = try await TopicStory()
        let arn = try await story.subscribed(by: "sqs", story.queues.create("work"))
        let error = await story.error(
            "SetSubscriptionAttributes",
            ["SubscriptionArn": .string(arn), "AttributeName": "RedrivePolicy", "AttributeValue": .string(policy)])
        #expect(error?.message.hasPrefix("Invalid parameter: RedrivePolicy: \(reason)") == true)
    }
}
