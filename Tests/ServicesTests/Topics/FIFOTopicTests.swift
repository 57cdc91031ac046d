import AWSProtocols
import Engine
import JSONCore
import Testing
import TimeSource

/// FIFO topics: groups, order and duplicates.
@Suite struct FIFOTopicTests {
    private static let arn: APIValue = .string(TopicStory.arn("orders.fifo"))

    private static func story(_ attributes: [(String, String)] = [], queue: String = "work.fifo") async throws -> TopicStory {
        let story = try await TopicStory()
        try await story.call("CreateTopic", ["Name": "orders.fifo", "Attributes": .stringMap([("FifoTopic", "true")] + attributes)])
        try await story.call("Subscribe", ["TopicArn": arn, "Protocol": "sqs", "Endpoint": .string(story.queues.create(queue))])
        return story
    }

    private static func message(_ text: String, group: String? = "g", id: String? = nil) -> APIStructure {
        [
            "TopicArn": arn, "Message": .string(text), "MessageGroupId": .optional(group), "MessageDeduplicationId": .optional(id),
        ]
    }

    @Test func groupAndDeduplicationIDGoAlongWithAPlaceInTheTopic() async throws {
        let story = try await Self.story()
        let answer = try await story.call("Publish", Self.message("a", id: "one"))
        let number = try #require(answer.string("SequenceNumber"))
        #expect(number.utf8.count == 20)
        let message = try #require(story.queues.messages(in: "work.fifo").first)
        #expect(message.groupID == "g")
        #expect(message.deduplicationID == "one")
        #expect(try JSONParser.parse(message.body)["SequenceNumber"]?.text == number)
    }

    @Test func aStandardQueueMaySubscribe() async throws {
        let story = try await Self.story(queue: "work")
        try await story.call("Publish", Self.message("a", id: "one"))
        #expect(story.queues.messages(in: "work").map(\.deduplicationID) == [nil])
    }

    @Test func aDuplicateIsAnsweredAsTheFirstForFiveMinutes() async throws {
        let story = try await Self.story()
        let first = try await story.call("Publish", Self.message("a", id: "one"))
        let second = try await story.call("Publish", Self.message("b", id: "one"))
        #expect(first == second)
        #expect(story.queues.messages(in: "work.fifo").count == 1)
        story.clock.advance(by: .seconds(301))
        let third = try await story.call("Publish", Self.message("c", id: "one"))
        #expect(third.string("MessageId") != first.string("MessageId"))
        #expect(story.queues.messages(in: "work.fifo").count == 2)
    }

    @Test func contentDecidesWhereTheTopicSaysSo() async throws {
        let story = try await Self.story([("ContentBasedDeduplication", "true")])
        for text in ["a", "a", "b"] { try await story.call("Publish", Self.message(text)) }
        let messages = story.queues.messages(in: "work.fifo")
        #expect(messages.count == 2)
        #expect(messages[0].deduplicationID == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb")
    }

    @Test(arguments: [("Topic", 1), ("MessageGroup", 2)]) func theScopeOfDuplicates(scope: String, count: Int) async throws {
        let story = try await Self.story([("FifoThroughputScope", scope)])
        try await story.call("Publish", Self.message("a", group: "g", id: "one"))
        try await story.call("Publish", Self.message("a", group: "h", id: "one"))
        #expect(story.queues.messages(in: "work.fifo").count == count)
    }

    @Test func aBatchKeepsItsOrderAndKnowsItsOwnDuplicates() async throws {
        let story = try await Self.story()
        let entries = [("1", "a"), ("2", "b"), ("3", "a")].map { id, key -> APIValue in
            ["Id": .string(id), "Message": .string(id), "MessageGroupId": "g", "MessageDeduplicationId": .string(key)]
        }
        let answer = try await story.call("PublishBatch", ["TopicArn": Self.arn, "PublishBatchRequestEntries": .list(entries)])
        let taken = answer.structures("Successful")
        #expect(taken.count == 3)
        #expect(taken[0].string("MessageId") == taken[2].string("MessageId"))
        let numbers = taken.compactMap { $0.string("SequenceNumber") }
        #expect(numbers[0] < numbers[1])
        #expect(story.queues.messages(in: "work.fifo").map(\.deduplicationID) == ["a", "b"])
    }

    @Test func sideBySideTheOrderOfNumbersIsThatOfTheQueue() async throws {
        let story = try await Self.story()
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<50 { group.addTask { _ = try? await story.call("Publish", Self.message("m", id: "\(index)")) } }
        }
        let numbers = try story.queues.messages(in: "work.fifo").map { try JSONParser.parse($0.body)["SequenceNumber"]?.text ?? "" }
        #expect(numbers.count == 50)
        #expect(numbers == numbers.sorted())
    }

    @Test func duplicatesSideBySideInSeveralGroupsAreOneMessage() async throws {
        let story = try await Self.story()
        let answers = await withTaskGroup(of: APIStructure?.self) { group in
            for index in 0..<20 {
                group.addTask { try? await story.call("Publish", Self.message("m", group: "g\(index)", id: "one")) }
            }
            return await group.reduce(into: []) { $0.append($1?.string("MessageId")) }
        }
        #expect(answers.count == 20)
        #expect(Set(answers).count == 1)
        #expect(!answers.contains(nil))
        #expect(story.queues.messages(in: "work.fifo").count == 1)
    }

    @Test func refusals() async throws {
        let story = try await Self.story()
        try await story.call("CreateTopic", ["Name": "alerts"])
        #expect(
            await story.error("Publish", Self.message("a", group: nil))?.message
                == "Invalid parameter: The MessageGroupId parameter is required for FIFO topics")
        #expect(
            await story.error("Publish", Self.message("a"))?.message
                == "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
        )
        #expect(
            await story.error(
                "Publish", ["TopicArn": .string(TopicStory.arn("alerts")), "Message": "a", "MessageDeduplicationId": "x"])?.message
                == "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type"
        )
        #expect(
            await story.error("Subscribe", ["TopicArn": Self.arn, "Protocol": "email", "Endpoint": "a@b.c"])?.message
                == "Invalid parameter: Invalid protocol type: email")
        #expect(await story.error("CreateTopic", ["Name": "x.fifo"])?.message == "Invalid parameter: Topic Name")
        #expect(
            await story.error("CreateTopic", ["Name": "x", "Attributes": ["FifoTopic": "true"]])?.message
                .hasPrefix("Invalid parameter: Fifo Topic names must end with .fifo") == true)
    }

    @Test func attributesTellOfIt() async throws {
        let story = try await Self.story([("FifoThroughputScope", "MessageGroup")])
        let shown = Dictionary(
            try await story.call("GetTopicAttributes", ["TopicArn": Self.arn]).stringMap("Attributes"), uniquingKeysWith: { $1 })
        #expect(shown["FifoTopic"] == "true")
        #expect(shown["ContentBasedDeduplication"] == "false")
        #expect(shown["FifoThroughputScope"] == "MessageGroup")
    }

    @Test func permissionsStandInThePolicy() async throws {
        let story = try await Self.story()
        let grant: APIStructure = [
            "TopicArn": Self.arn, "Label": "them", "AWSAccountId": ["111111111111"], "ActionName": ["Publish"],
        ]
        try await story.call("AddPermission", grant)
        #expect(await story.error("AddPermission", grant)?.message == "Invalid parameter: Statement already exists")
        func statements() async throws -> [JSONValue] {
            let shown = try await story.call("GetTopicAttributes", ["TopicArn": Self.arn]).stringMap("Attributes")
            let policy = try JSONParser.parse(shown.first { $0.0 == "Policy" }?.1 ?? "")
            return policy["Statement"]?.array ?? []
        }
        #expect(try await statements().last?["Principal"]?["AWS"] == "arn:aws:iam::111111111111:root")
        try await story.call("RemovePermission", ["TopicArn": Self.arn, "Label": "them"])
        #expect(try await statements().compactMap { $0["Sid"]?.text } == ["__default_statement_ID"])
    }
}
