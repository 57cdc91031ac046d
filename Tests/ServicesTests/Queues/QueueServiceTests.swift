import AWSProtocols
import Testing
import TimeSource

@Suite struct QueueServiceTests {
    @Test func allOperationsOfSQSAreServed() async throws {
        try await QueueServiceStory.tell { story in
            let url = try await story.queue("orders")
            #expect(url == "http://nightshift:7070/000000000000/orders")
            #expect(try await story.call("GetQueueUrl", ["QueueName": "orders"]) == ["QueueUrl": url])
            #expect(try await story.call("ListQueues", ["QueueNamePrefix": "ord"]) == ["QueueUrls": [url]])
            #expect(try await story.call("ListQueues", ["QueueNamePrefix": "none"]).isEmpty)
            try await story.call("DeleteQueue", ["QueueUrl": url])
            #expect(await story.refusal("GetQueueUrl", ["QueueName": "orders"]) == "QueueDoesNotExist: The specified queue does not exist.")
            #expect(await story.refusal("DeleteQueue", ["QueueUrl": url]) == "QueueDoesNotExist: The specified queue does not exist.")
        }
    }

    @Test func aMessageGoesThrough() async throws {
        try await QueueServiceStory.tell { story in
            let url = try await story.queue("q")
            let sent = try await story.call(
                "SendMessage",
                ["QueueUrl": url, "MessageBody": "test", "MessageAttributes": ["n": ["DataType": "String", "StringValue": "v"]]])
            #expect(sent["MD5OfMessageBody"] == "098f6bcd4621d373cade4e832627b4f6")
            let message = try #require(try await story.receive(url).first)
            #expect(message["MessageId"] == sent["MessageId"])
            #expect(message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"])
            #expect(message["MessageAttributes"] == ["n": ["StringValue": "v", "DataType": "String"]])
            #expect(message.structure("Attributes")?["SenderId"] == "AKIA")
            #expect(try await story.receive(url).isEmpty)
            let handle = message["ReceiptHandle"] ?? .null
            try await story.call("ChangeMessageVisibility", ["QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": 0])
            let again = try #require(try await story.receive(url).first)
            try await story.call("DeleteMessage", ["QueueUrl": url, "ReceiptHandle": again["ReceiptHandle"] ?? .null])
            #expect(
                await story.refusal("DeleteMessage", ["QueueUrl": url, "ReceiptHandle": "x"])
                    == "ReceiptHandleIsInvalid: The input receipt handle \"x\" is not a valid receipt handle.")
        }
    }

    @Test func aConsumerThatIsLateMayHideItsMessageAgain() async throws {
        try await QueueServiceStory.tell { story in
            let url = try await story.queue("q", ["VisibilityTimeout": "1"])
            try await story.call("SendMessage", ["QueueUrl": url, "MessageBody": "x"])
            let handle = try await story.receive(url).first?["ReceiptHandle"] ?? .null
            story.clock.advance(by: .seconds(2))
            try await story.call("ChangeMessageVisibility", ["QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": 60])
            #expect(try await story.receive(url).isEmpty)
            story.clock.advance(by: .seconds(60))
            #expect(try await story.receive(url).count == 1)
        }
    }

    @Test func ofABatchEachEntryIsAnswered() async throws {
        try await QueueServiceStory.tell { story in
            let url = try await story.queue("q")
            let answer = try await story.call(
                "SendMessageBatch",
                [
                    "QueueUrl": url,
                    "Entries": [["Id": "a", "MessageBody": "A"], ["Id": "b", "MessageBody": "\u{1}"], ["Id": "c", "MessageBody": "C"]],
                ])
            #expect(answer.structures("Successful").map { $0.string("Id") } == ["a", "c"])
            #expect(answer.structures("Failed").map { $0.string("Code") } == ["InvalidMessageContents"])
            let handles = try await story.receive(url).compactMap { $0["ReceiptHandle"] }
            let entries = handles.enumerated().map { ["Id": .string("\($0)"), "ReceiptHandle": $1] as APIValue }
            let deleted = try await story.call(
                "DeleteMessageBatch", ["QueueUrl": url, "Entries": .list(entries + [["Id": "x", "ReceiptHandle": "x"]])])
            #expect(deleted.structures("Successful").count == 2)
            #expect(deleted.structures("Failed").first?["Code"] == "ReceiptHandleIsInvalid")
        }
    }

    @Test func aSendThatIsMadeAgainIsAnswered() async throws {
        try await QueueServiceStory.tell { story in
            let url = try await story.queue("q")
            let first = try await story.call("SendMessage", ["QueueUrl": url, "MessageBody": "once"], key: "effect-1")
            let again = try await story.call("SendMessage", ["QueueUrl": url, "MessageBody": "once"], key: "effect-1")
            #expect(first == again)
            try await story.call("SendMessage", ["QueueUrl": url, "MessageBody": "other"], key: "effect-2")
            #expect(try await story.receive(url).count == 2)
        }
    }

    @Test func attributesAreShownAndCompared() async throws {
        try await QueueServiceStory.tell { story in
            let url = try await story.queue("q", ["DelaySeconds": "5"])
            let all = try await story.call("GetQueueAttributes", ["QueueUrl": url, "AttributeNames": ["All"]]).structure("Attributes")
            #expect(all?["DelaySeconds"] == "5")
            #expect(all?["QueueArn"] == "arn:aws:sqs:us-east-1:000000000000:q")
            #expect(all?["ApproximateNumberOfMessages"] == "0")
            #expect(
                await story.refusal("CreateQueue", ["QueueName": "q", "Attributes": ["DelaySeconds": "6"]])
                    == "QueueNameExists: A queue already exists with the same name and a different value for attribute DelaySeconds")
            try await story.call("SetQueueAttributes", ["QueueUrl": url, "Attributes": ["DelaySeconds": "0", "VisibilityTimeout": "1"]])
            #expect(
                try await story.call("GetQueueAttributes", ["QueueUrl": url, "AttributeNames": ["VisibilityTimeout"]])
                    == ["Attributes": ["VisibilityTimeout": "1"]])
        }
    }

    @Test func deadLetterQueuesAreChecked() async throws {
        try await QueueServiceStory.tell { story in
            let dead = try await story.queue("dead", ["RedriveAllowPolicy": #"{"redrivePermission":"denyAll"}"#])
            let policy = #"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":3}"#
            let refused = await story.refusal("CreateQueue", ["QueueName": "q", "Attributes": ["RedrivePolicy": .string(policy)]])
            #expect(refused?.contains("redrive allow policy") == true)
            try await story.call("SetQueueAttributes", ["QueueUrl": dead, "Attributes": ["RedriveAllowPolicy": ""]])
            let source = try await story.queue("q", ["RedrivePolicy": .string(policy)])
            #expect(try await story.call("ListDeadLetterSourceQueues", ["QueueUrl": dead]) == ["queueUrls": [source]])
            #expect(
                await story.refusal("StartMessageMoveTask", ["SourceArn": "arn:aws:sqs:us-east-1:000000000000:q"])
                    == "InvalidParameterValue: Source queue must be configured as a Dead Letter Queue.")
        }
    }

    @Test func aPurgeIsTakenOnceAMinute() async throws {
        try await QueueServiceStory.tell { story in
            let url = try await story.queue("q")
            try await story.call("SendMessage", ["QueueUrl": url, "MessageBody": "x"])
            try await story.call("PurgeQueue", ["QueueUrl": url])
            #expect(try await story.receive(url).isEmpty)
            #expect(
                await story.refusal("PurgeQueue", ["QueueUrl": url])
                    == "PurgeQueueInProgress: Only one PurgeQueue operation on q is allowed every 60 seconds.")
        }
    }

    @Test func tagsGoWithTheirQueue() async throws {
        try await QueueServiceStory.tell { story in
            let url = try await story.queue("q")
            try await story.call("TagQueue", ["QueueUrl": url, "Tags": ["a": "1", "b": "2"]])
            try await story.call("UntagQueue", ["QueueUrl": url, "TagKeys": ["a"]])
            #expect(try await story.call("ListQueueTags", ["QueueUrl": url]) == ["Tags": ["b": "2"]])
            try await story.call("DeleteQueue", ["QueueUrl": url])
            _ = try await story.queue("q")
            #expect(try await story.call("ListQueueTags", ["QueueUrl": url]).isEmpty)
        }
    }

    @Test func aMissingQueueURLIsNamed() async throws {
        try await QueueServiceStory.tell { story in
            for operation in ["SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "PurgeQueue", "ListQueueTags"] {
                #expect(await story.refusal(operation, [:]) == "MissingParameter: The request must contain the parameter QueueUrl.")
            }
        }
    }
}
