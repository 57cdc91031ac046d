import AWSProtocols
import Engine
import JSONCore
import Services
import Store
import Testing

@Suite("Publishing") struct PublishTests {
    private let topic: APIValue = .string(TopicStory.arn("alerts"))

    private func publish(_ message: String, attributes: APIStructure = [:], subject: String? = nil, structure: String? = nil)
        -> APIStructure
    {
        [
            "TopicArn": topic, "Message": .string(message), "Subject": .optional(subject), "MessageStructure": .optional(structure),
            "MessageAttributes": .structure(attributes),
        ]
    }

    @Test func aMailHasTheSubjectUnalteredTheMessageAndALinkToUnsubscribe() async throws {
        let story = try await TopicStory()
        let subscription = try await story.subscribed()
        let answer = try await story.call("Publish", publish("first\nsecond", subject: "FAILED: nächtlicher Lauf"))
        #expect(answer.string("MessageId")?.utf8.count == 36)
        let mail = try #require(try await story.mails().first)
        #expect(mail.subject == "FAILED: nächtlicher Lauf")
        #expect(mail.text.hasPrefix("first\nsecond\n\n--\n"))
        #expect(mail.text.contains("http://nightshift:7070/?Action=Unsubscribe&SubscriptionArn=\(subscription)\n"))
        #expect(mail.unsubscribeURL == "http://nightshift:7070/?Action=Unsubscribe&SubscriptionArn=\(subscription)")
    }

    @Test func aMailWithoutSubjectHasAWSsOne() async throws {
        let story = try await TopicStory()
        _ = try await story.subscribed()
        try await story.call("Publish", publish("text"))
        #expect(try await story.mails().map(\.subject) == ["AWS Notification Message"])
    }

    @Test func anEmailJSONMailIsTheEnvelope() async throws {
        let story = try await TopicStory()
        _ = try await story.subscribed(by: "email-json")
        try await story.call("Publish", publish("text", attributes: ["a": ["DataType": "String", "StringValue": "b"]], subject: "s"))
        let envelope = try JSONParser.parse(try #require(try await story.mails().first).text)
        #expect(envelope["Type"] == "Notification")
        #expect(envelope["Message"] == "text")
        #expect(envelope["Subject"] == "s")
        #expect(envelope["TopicArn"]?.text == TopicStory.arn("alerts"))
        #expect(envelope["Timestamp"] == "2026-01-01T00:00:00.000Z")
        #expect(envelope["MessageAttributes"] == ["a": ["Type": "String", "Value": "b"]])
    }

    @Test func aFunctionGetsTheEventOfAWS() async throws {
        let story = try await TopicStory()
        let function = "arn:aws:lambda:us-east-1:000000000000:function:f"
        let subscription = try await story.subscribed(by: "lambda", function)
        try await story.call("Publish", publish("text"))
        let delivery = try #require(try await story.deliveries().first)
        #expect(delivery.kind == "function")
        let invocation = try #require(FunctionDelivery(encoded: delivery.body))
        #expect(invocation.functionARN == function)
        let record = try #require(try JSONParser.parse(invocation.payload)["Records"]?.array?.first)
        #expect(record["EventSource"] == "aws:sns")
        #expect(record["EventSubscriptionArn"]?.text == subscription)
        #expect(record["Sns"]?["Message"] == "text")
        #expect(record["Sns"]?["Subject"] == .null)
        #expect(record["Sns"]?["MessageAttributes"] == [:])
    }

    @Test func aWebhookGetsTheEnvelopeOrTheBareMessage() async throws {
        let story = try await TopicStory()
        let wrapped = try await story.subscribed(by: "http", "http://127.0.0.1/a")
        _ = try await story.subscribed(by: "http", "http://127.0.0.1/b", attributes: [("RawMessageDelivery", "true")])
        try await story.call("Publish", publish("text"))
        let webhooks = try await story.deliveries().compactMap { WebhookDelivery(encoded: $0.body) }.sorted { $0.url < $1.url }
        #expect(webhooks.count == 2)
        #expect(try JSONParser.parse(webhooks[0].content)["Message"] == "text")
        #expect(webhooks[0].headers.contains(.init("x-amz-sns-subscription-arn", wrapped)))
        #expect(webhooks[0].headers.contains(.init("Content-Type", "text/plain; charset=UTF-8")))
        #expect(webhooks[1].content == "text")
        #expect(webhooks[1].headers.contains(.init("x-amz-sns-rawdelivery", "true")))
    }

    @Test func filterPoliciesSelect() async throws {
        let story = try await TopicStory()
        _ = try await story.subscribed(by: "email", "failed@b.c", attributes: [("FilterPolicy", #"{"state":["FAILED"]}"#)])
        _ = try await story.subscribed(
            by: "email", "body@b.c", attributes: [("FilterPolicy", #"{"state":["FAILED"]}"#), ("FilterPolicyScope", "MessageBody")])
        _ = try await story.subscribed(by: "email", "all@b.c")
        func receivers(_ message: String, _ state: String?) async throws -> [String] {
            try await story.forgetDeliveries()
            let attributes: APIStructure = state.map { ["state": ["DataType": "String", "StringValue": .string($0)]] } ?? [:]
            try await story.call("Publish", publish(message, attributes: attributes))
            return try await story.mails().map(\.to).sorted()
        }
        #expect(try await receivers("x", nil) == ["all@b.c"])
        #expect(try await receivers("x", "FAILED") == ["all@b.c", "failed@b.c"])
        #expect(try await receivers("x", "SUCCEEDED") == ["all@b.c"])
        #expect(try await receivers(#"{"state":"FAILED"}"#, nil) == ["all@b.c", "body@b.c"])
    }

    @Test func unconfirmedSubscriptionsGetNothing() async throws {
        let story = try await TopicStory()
        try await story.call("CreateTopic", ["Name": "alerts"])
        try await story.call("Subscribe", ["TopicArn": topic, "Protocol": "email", "Endpoint": "a@b.c"])
        try await story.forgetDeliveries()
        try await story.call("Publish", publish("text"))
        #expect(try await story.deliveries().isEmpty)
    }

    @Test func aMessageWithStructureHasATextForEachProtocol() async throws {
        let story = try await TopicStory()
        _ = try await story.subscribed()
        _ = try await story.subscribed(by: "http", "http://127.0.0.1/a", attributes: [("RawMessageDelivery", "true")])
        try await story.call("Publish", publish(#"{"default":"d","email":"for mail"}"#, structure: "json"))
        #expect(try await story.mails().first?.text.hasPrefix("for mail\n") == true)
        let webhook = try await story.deliveries().compactMap { WebhookDelivery(encoded: $0.body) }.first
        #expect(webhook?.content == "d")
    }

    @Test(
        arguments: [
            ("", nil, nil, "Invalid parameter: Empty message"),
            (String(repeating: "x", count: 262_145), nil, nil, "Invalid parameter: Message too long"),
            ("x", "", nil, "Invalid parameter: Subject"),
            ("x", "two\nlines", nil, "Invalid parameter: Subject"),
            ("x", String(repeating: "s", count: 101), nil, "Invalid parameter: Subject"),
            ("x", nil, "json", "Invalid parameter: Message Structure - JSON message body failed to parse"),
            ("{\"email\":\"x\"}", nil, "json", "Invalid parameter: Message Structure - No default entry in JSON message body"),
            ("x", nil, "xml", "Invalid parameter: MessageStructure"),
        ] as [(String, String?, String?, String)])
    func badMessages(message: String, subject: String?, structure: String?, expected: String) async throws {
        let story = try await TopicStory()
        try await story.call("CreateTopic", ["Name": "alerts"])
        let error = await story.error("Publish", publish(message, subject: subject, structure: structure))
        #expect(error?.code == "InvalidParameter")
        #expect(error?.message == expected)
    }

    @Test(
        arguments: [
            (
                "a", ["DataType": "Blob", "StringValue": "x"],
                "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."
            ),
            (
                "a", ["DataType": "String"],
                "The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'."
            ),
            ("a", ["DataType": "Binary", "StringValue": "x"], "The message attribute 'a' with type 'Binary' must use field 'Binary'."),
            (
                "a", ["DataType": "String", "StringValue": ""],
                "The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'."
            ),
            (".a", ["DataType": "String", "StringValue": "x"], "Invalid message attribute name starting with character '.' was found."),
            ("a..b", ["DataType": "String", "StringValue": "x"], "Message attribute name can not have successive '.' character."),
        ] as [(String, APIStructure, String)])
    func badMessageAttributes(name: String, value: APIStructure, expected: String) async throws {
        let story = try await TopicStory()
        try await story.call("CreateTopic", ["Name": "alerts"])
        let error = await story.error("Publish", publish("x", attributes: APIStructure([(name, .structure(value))])))
        #expect(error?.code == "ParameterValueInvalid")
        #expect(error?.message == expected)
    }

    @Test func aBatchTellsEachEntrysFate() async throws {
        let story = try await TopicStory()
        _ = try await story.subscribed()
        let answer = try await story.call(
            "PublishBatch",
            [
                "TopicArn": topic,
                "PublishBatchRequestEntries": [
                    ["Id": "1", "Message": "one"], ["Id": "2", "Message": ""], ["Id": "3", "Message": "three"],
                ],
            ])
        #expect(answer.structures("Successful").map { $0.string("Id") } == ["1", "3"])
        #expect(answer.structures("Failed").map { $0.string("Code") } == ["InvalidParameter"])
        #expect(try await story.mails().count == 2)
        for faulty in [
            ["Id": "2", "Message": "{}", "MessageStructure": "json"],
            ["Id": "2", "Message": "two", "MessageAttributes": ["a": ["DataType": "String", "StringValue": ""]]],
        ] as [APIStructure] {
            let entries: APIValue = [["Id": "1", "Message": "one"], .structure(faulty)]
            #expect(await story.error("PublishBatch", ["TopicArn": topic, "PublishBatchRequestEntries": entries]) != nil)
        }
        #expect(try await story.mails().count == 2)
        let empty = await story.error("PublishBatch", ["TopicArn": topic, "PublishBatchRequestEntries": []])
        #expect(empty?.code == "EmptyBatchRequest")
        let long = String(repeating: "x", count: 262_144 - 3)
        let tooLong = await story.error(
            "PublishBatch",
            [
                "TopicArn": topic,
                "PublishBatchRequestEntries": [
                    ["Id": "1", "Message": .string(long), "MessageAttributes": ["a": ["DataType": "Number", "StringValue": "1"]]]
                ],
            ])
        #expect(tooLong?.code == "BatchRequestTooLong")
        #expect(tooLong?.message == "The length of all the messages put together is more than the limit.")
        let twice = await story.error(
            "PublishBatch",
            ["TopicArn": topic, "PublishBatchRequestEntries": [["Id": "1", "Message": "a"], ["Id": "1", "Message": "b"]]])
        #expect(twice?.code == "BatchEntryIdsNotDistinct")
    }

    @Test func aRepeatedRequestIsAppliedOnceAndGetsTheFirstAnswer() async throws {
        let story = try await TopicStory()
        _ = try await story.subscribed()
        var ids: Set<String> = []
        for _ in 0..<3 {
            ids.insert(
                try await story.publisher.publish(
                    account: TopicStory.account, topicARN: TopicStory.arn("alerts"), subject: nil, message: "once", structure: nil,
                    attributes: [], dedupeKey: "execution-1/effect-7"))
        }
        #expect(ids.count == 1)
        #expect(try await story.mails().count == 1)
    }

    @Test func repeatedRequestsAtTheSameTimeAreAppliedOnce() async throws {
        let story = try await TopicStory()
        _ = try await story.subscribed()
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await story.publisher.publish(
                        account: TopicStory.account, topicARN: TopicStory.arn("alerts"), subject: nil, message: "once", structure: nil,
                        attributes: [], dedupeKey: "key")
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(try await story.mails().count == 1)
    }

    @Test func publishingWithoutATopicIsAnError() async throws {
        let story = try await TopicStory()
        #expect(
            await story.error("Publish", ["Message": "x"])?.message
                == "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter")
        #expect(await story.error("Publish", ["Message": "x", "TopicArn": topic])?.code == "NotFound")
        #expect(await story.error("Publish", ["Message": "x", "PhoneNumber": "+41"])?.code == "InvalidParameter")
    }
}
