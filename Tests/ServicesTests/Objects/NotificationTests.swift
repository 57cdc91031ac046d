import AWSProtocols
import Engine
import JSONCore
import Testing

@testable import Services

struct NotificationTests {
    private func configured(_ configuration: APIStructure, _ story: ObjectStory) async throws {
        try await story.call(
            "PutBucketNotificationConfiguration", ["Bucket": "bucket", "NotificationConfiguration": .structure(configuration)])
    }

    private func story(_ events: APIValue = ["s3:ObjectCreated:*"], filter: [(String, String)] = []) async throws -> ObjectStory {
        let story = try await ObjectStory()
        try await story.bucket()
        var entry: APIStructure = ["QueueArn": .string(story.queues.create("news")), "Events": events]
        if !filter.isEmpty {
            let rules = filter.map { APIValue.structure(["Name": .string($0.0), "Value": .string($0.1)]) }
            entry["Filter"] = ["Key": ["FilterRules": .list(rules)]]
        }
        try await configured(["QueueConfigurations": [.structure(entry)]], story)
        return story
    }

    private func names(_ story: ObjectStory) throws -> [String] {
        try story.queues.messages(in: "news").compactMap { message in
            let record = try JSONParser.parse(Array(message.body.utf8))["Records"]?.array?.first
            return record.map { "\($0["eventName"]?.text ?? "") \($0["s3"]?["object"]?["key"]?.text ?? "")" }
        }
    }

    @Test func aQueueIsToldOfWhatItAskedFor() async throws {
        let story = try await story(["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"])
        #expect(story.queues.messages(in: "news").first?.body.contains("s3:TestEvent") == true)
        try await story.put("a b/é+", "hello")
        try await story.call("CopyObject", ObjectStory.input("copy", ["CopySource": "bucket/a b\u{2F}é+"]))
        try await story.call("DeleteObject", ObjectStory.input("copy"))
        try await story.call("DeleteObject", ObjectStory.input("missing"))
        #expect(
            try names(story) == ["ObjectCreated:Put a+b/%C3%A9%2B", "ObjectCreated:Copy copy", "ObjectRemoved:Delete copy"])
        let record = try JSONParser.parse(Array(story.queues.messages(in: "news")[1].body.utf8))["Records"]?.array?.first
        #expect(record?["eventVersion"]?.text == "2.1")
        #expect(record?["s3"]?["object"]?["size"]?.integer == 5)
        #expect(record?["s3"]?["object"]?["eTag"]?.text == "5d41402abc4b2a76b9719d911017c592")
        #expect(record?["s3"]?["bucket"]?["arn"]?.text == "arn:aws:s3:::bucket")
    }

    @Test func tagsAreNewsToo() async throws {
        let story = try await story(["s3:ObjectTagging:*"])
        try await story.put("key", "hello")
        try await story.call("PutObjectTagging", ObjectStory.input("key", ["Tagging": ["TagSet": [["Key": "a", "Value": "1"]]]]))
        try await story.call("DeleteObjectTagging", ObjectStory.input("key"))
        #expect(try names(story) == ["ObjectTagging:Put key", "ObjectTagging:Delete key"])
        let record = try JSONParser.parse(Array(story.queues.messages(in: "news")[1].body.utf8))["Records"]?.array?.first
        #expect(record?["eventVersion"]?.text == "2.3")
        let object = record?["s3"]?["object"]
        #expect(object?["eTag"]?.text == "5d41402abc4b2a76b9719d911017c592" && object?["size"] == nil && object?["sequencer"] == nil)
    }

    @Test func filtersAreOfBothEnds() async throws {
        let story = try await story(filter: [("prefix", "in/"), ("Suffix", ".csv")])
        for key in ["in/a.csv", "in/a.txt", "out/a.csv", ".csv"] { try await story.put(key) }
        #expect(try names(story) == ["ObjectCreated:Put in/a.csv"])
    }

    @Test func sequencersSortTheChangesOfAKey() async throws {
        let story = try await story()
        for _ in 0..<3 { try await story.put("key") }
        let sequencers = try story.queues.messages(in: "news").dropFirst().map { message in
            try JSONParser.parse(Array(message.body.utf8))["Records"]?.array?.first?["s3"]?["object"]?["sequencer"]?.text ?? ""
        }
        #expect(sequencers == sequencers.sorted() && Set(sequencers).count == 3)
    }

    @Test func aQueueThatIsGoneDoesNotStopTheObject() async throws {
        let story = try await story()
        story.queues.delete("news", quietly: true)
        try await story.put("key", "one")
        #expect(try await story.text("key") == "one")
    }

    @Test func functionsTopicsAndTheBusGetDeliveries() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        try await story.call("CreateTopic", ["Name": "alerts"], service: "sns")
        story.ownEvents.connect(interest: { _, _ in true }, offer: { _ in })
        let topic: APIValue = ["TopicArn": .string(TopicStory.arn("alerts")), "Events": ["s3:ObjectCreated:Put"]]
        try await configured(["TopicConfigurations": [topic], "EventBridgeConfiguration": [:]], story)
        try await story.put("key")
        let deliveries = try await story.deliveries()
        #expect(deliveries.map(\.kind).sorted() == ["bus-event", "object-topic"])
        let event = try #require(deliveries.first { $0.kind == "bus-event" }.flatMap { BusEvent(stored: $0.body) })
        #expect(event.detailType == "Object Created" && event.source == "aws.s3")
        #expect(event.detail["reason"]?.text == "PutObject")
        #expect(event.detail["object"]?["key"]?.text == "key")
    }

    @Test func aConfigurationIsGivenBackAndRemoved() async throws {
        let story = try await story()
        let answer = try await story.call("GetBucketNotificationConfiguration", ["Bucket": "bucket"])
        #expect(answer.structures("QueueConfigurations").first?.string("Id")?.isEmpty == false)
        let rules: APIValue = [["Name": "PREFIX", "Value": "in/"], ["Name": "suffix", "Value": ".csv"]]
        let arn = try #require(answer.structures("QueueConfigurations").first?["QueueArn"])
        let entry: APIValue = ["QueueArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": ["Key": ["FilterRules": rules]]]
        try await configured(["QueueConfigurations": [entry]], story)
        let filtered = try await story.call("GetBucketNotificationConfiguration", ["Bucket": "bucket"])
        let names = filtered.structures("QueueConfigurations").first?.structure("Filter")?.structure("Key")?.structures("FilterRules")
        #expect(names?.compactMap { $0.string("Name") } == ["Prefix", "Suffix"])
        try await configured([:], story)
        #expect(try await story.call("GetBucketNotificationConfiguration", ["Bucket": "bucket"]).isEmpty)
        try await story.put("key")
        // The test messages of both configurations.
        #expect(story.queues.messages(in: "news").count == 2)
    }

    @Test func anARNThatIsNoneIsRefusedInAnyCase() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        for (kind, argument) in [
            (NotificationSettings.Kind.queue, "Queue"), (.topic, "Topic"), (.function, "CloudFunction"),
        ] {
            let entry: APIValue = .structure([kind.arnMember: "no-arn", "Events": ["s3:ObjectCreated:*"]])
            let error = await story.error(
                "PutBucketNotificationConfiguration",
                [
                    "Bucket": "bucket", "SkipDestinationValidation": true,
                    "NotificationConfiguration": .structure([kind.rawValue: [entry]]),
                ])
            #expect(error?.message == "The ARN could not be parsed" && error?.fields.string("ArgumentName") == argument)
        }
    }

    @Test func whatCannotBeIsRefused() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        let queue = story.queues.create("news")
        let fifo = story.queues.create("news.fifo")
        func entry(_ arn: String, _ events: APIValue = ["s3:ObjectCreated:*"]) -> APIValue {
            ["QueueArn": .string(arn), "Events": events]
        }
        let refused: [APIStructure] = [
            ["QueueConfigurations": [entry("arn:aws:sqs:us-east-1:000000000000:missing")]], ["QueueConfigurations": [entry(fifo)]],
            ["QueueConfigurations": [entry(queue, ["s3:Nothing"])]],
            ["QueueConfigurations": [entry(queue), entry(queue, ["s3:ObjectCreated:Put"])]],
            ["TopicConfigurations": [["TopicArn": .string(TopicStory.arn("missing")), "Events": ["s3:ObjectCreated:*"]]]],
            [
                "LambdaFunctionConfigurations": [
                    ["LambdaFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:missing", "Events": ["s3:ObjectCreated:*"]]
                ]
            ],
        ]
        for configuration in refused {
            let error = await story.error(
                "PutBucketNotificationConfiguration", ["Bucket": "bucket", "NotificationConfiguration": .structure(configuration)])
            #expect(error?.code == "InvalidArgument")
        }
        #expect(try await story.call("GetBucketNotificationConfiguration", ["Bucket": "bucket"]).isEmpty)
    }
}
