import AWSProtocols
import LogStorage
import Testing
import TimeSource

@testable import Services

@Suite("CloudWatch Logs") struct LogServiceTests {
    @Test func aGroupIsDescribedAsAWSDoes() async throws {
        let story = try await LogStory()
        try await story.call("CreateLogGroup", ["logGroupName": "/aws/lambda/f", "tags": .stringMap([("team", "batch")])])
        try await story.call("PutRetentionPolicy", ["logGroupName": "/aws/lambda/f", "retentionInDays": 14])
        let group = try #require(try await story.call("DescribeLogGroups", [:]).structures("logGroups").first)
        #expect(group.string("arn") == "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f:*")
        #expect(group.string("logGroupArn") == "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f")
        #expect(group.integer("creationTime") == story.clock.now.milliseconds)
        #expect(group.integer("retentionInDays") == 14)
        #expect(group.integer("metricFilterCount") == 0)
        #expect(group.integer("storedBytes") == 0)
        try await story.call("DeleteRetentionPolicy", ["logGroupName": "/aws/lambda/f"])
        #expect(try await story.call("DescribeLogGroups", [:]).structures("logGroups").first?.integer("retentionInDays") == nil)
        #expect(await story.error("PutRetentionPolicy", ["logGroupName": "/aws/lambda/f", "retentionInDays": 2])?.code == "InvalidParameterException")
    }

    private static let selections: [(APIStructure, [String])] = [
        (["logGroupNamePrefix": "a/"], ["a/1", "a/2"]), (["logGroupNamePattern": "2"], ["a/2", "b/2"]),
        (["limit": 2], ["a/1", "a/2"]), (["logGroupIdentifiers": ["b/2", "arn:aws:logs:us-east-1:000000000000:log-group:a/1", "c"]], ["b/2", "a/1"]),
        (["logGroupClass": "INFREQUENT_ACCESS"], []),
    ]

    @Test(arguments: selections)
    func groupsAreSelected(_ input: APIStructure, expected: [String]) async throws {
        let story = try await LogStory()
        for name in ["b/2", "a/2", "a/1"] { try await story.call("CreateLogGroup", ["logGroupName": .string(name)]) }
        let output = try await story.call("DescribeLogGroups", input)
        #expect(output.structures("logGroups").compactMap { $0.string("logGroupName") } == expected)
    }

    @Test func whatIsMissingOrThereIsSaidInAWSsWords() async throws {
        let story = try await LogStory.withStream()
        let group: APIStructure = ["logGroupName": "g"]
        #expect(await story.error("CreateLogGroup", group)?.message == "The specified log group already exists")
        #expect(
            await story.error("CreateLogStream", ["logGroupName": "g", "logStreamName": "s"])?.message
                == "The specified log stream already exists")
        #expect(await story.error("DeleteLogGroup", ["logGroupName": "x"])?.message == "The specified log group does not exist.")
        #expect(await story.error("DescribeLogStreams", ["logGroupName": "x"])?.code == "ResourceNotFoundException")
        #expect(
            await story.error("GetLogEvents", ["logGroupName": "g", "logStreamName": "x"])?.message
                == "The specified log stream does not exist.")
        #expect(await story.error("FilterLogEvents", ["logGroupName": "g", "logStreamNames": ["x"]])?.code == "ResourceNotFoundException")
        #expect(await story.error("DescribeLogStreams", [:])?.code == "InvalidParameterException")
        #expect(await story.error("DescribeLogStreams", group, account: "111111111111")?.code == "ResourceNotFoundException")
        #expect(await story.error("CreateLogGroup", ["logGroupName": "aws/x"])?.code == "InvalidParameterException")
        #expect(await story.error("CreateLogGroup", ["logGroupName": "k", "kmsKeyId": "k"])?.code == "InvalidParameterException")
    }

    @Test func streamsAreListedByNameOrByTheirLastEvent() async throws {
        let story = try await LogStory.withStream()
        try await story.call("CreateLogStream", ["logGroupName": "g", "logStreamName": "a"])
        try await story.put(["1"], stream: "s")
        story.clock.advance(by: .seconds(1))
        try await story.put(["2"], stream: "a")
        func names(_ input: APIStructure) async throws -> [String] {
            var input = input
            input["logGroupIdentifier"] = "arn:aws:logs:us-east-1:000000000000:log-group:g"
            return try await story.call("DescribeLogStreams", input).structures("logStreams").compactMap { $0.string("logStreamName") }
        }
        #expect(try await names([:]) == ["a", "s"])
        #expect(try await names(["orderBy": "LastEventTime"]) == ["s", "a"])
        #expect(try await names(["orderBy": "LastEventTime", "descending": true, "limit": 1]) == ["a"])
        #expect(try await names(["logStreamNamePrefix": "s"]) == ["s"])
        #expect(
            await story.error("DescribeLogStreams", ["logGroupName": "g", "orderBy": "LastEventTime", "logStreamNamePrefix": "s"])?.message
                == "Cannot order by LastEventTime with a logStreamNamePrefix.")
        let stream = try await story.call("DescribeLogStreams", ["logGroupName": "g", "logStreamNamePrefix": "s"]).structures("logStreams")[0]
        #expect(stream.string("arn") == "arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:s")
        #expect(stream.integer("lastEventTimestamp") == story.clock.now.milliseconds - 1_000)
        #expect(stream.string("uploadSequenceToken")?.utf8.count == 56)
    }

    @Test func readingFollowsTokensToTheEndAndBack() async throws {
        let story = try await LogStory.withStream()
        try await story.put(["1", "2", "3"])
        func page(_ more: APIStructure) async throws -> APIStructure {
            var input: APIStructure = ["logGroupName": "g", "logStreamName": "s", "limit": 2]
            for member in more.members { input[member.name] = member.value }
            return try await story.call("GetLogEvents", input)
        }
        #expect(LogStory.messages(try await page([:])) == ["2", "3"])
        let first = try await page(["startFromHead": true])
        #expect(LogStory.messages(first) == ["1", "2"])
        let forward = try #require(first.string("nextForwardToken"))
        #expect(forward.hasPrefix("f/") && forward.hasSuffix("/s"))
        let second = try await page(["nextToken": .string(forward)])
        #expect(LogStory.messages(second) == ["3"])
        let end = try #require(second.string("nextForwardToken"))
        let last = try await page(["nextToken": .string(end)])
        #expect(LogStory.messages(last) == [])
        #expect(last.string("nextForwardToken") == end)
        let back = try await page(["nextToken": .optional(last.string("nextBackwardToken"))])
        #expect(LogStory.messages(back) == ["2", "3"])
        #expect(await story.error("GetLogEvents", ["logGroupName": "g", "logStreamName": "s", "nextToken": "f/x/s"])?.message == "The specified nextToken is invalid.")
    }

    @Test func timesBoundWhatIsRead() async throws {
        let story = try await LogStory.withStream()
        try await story.put(["1", "2", "3"])
        let now = story.clock.now.milliseconds
        let range: APIStructure = [
            "logGroupName": "g", "logStreamName": "s", "startTime": .integer(now + 1), "endTime": .integer(now + 2),
        ]
        #expect(LogStory.messages(try await story.call("GetLogEvents", range)) == ["2"])
        #expect(LogStory.messages(try await story.call("FilterLogEvents", range)) == ["2", "3"])
    }

    @Test func filteringGoesAcrossStreams() async throws {
        let story = try await LogStory.withStream()
        try await story.call("CreateLogStream", ["logGroupName": "g", "logStreamName": "t"])
        try await story.put(["ERROR one", "fine"], stream: "s")
        story.clock.advance(by: .seconds(1))
        try await story.put(["{\"level\": \"ERROR\"}"], stream: "t")
        func filter(_ more: APIStructure) async throws -> [String] {
            var input: APIStructure = ["logGroupName": "g"]
            for member in more.members { input[member.name] = member.value }
            return LogStory.messages(try await story.call("FilterLogEvents", input))
        }
        #expect(try await filter([:]).count == 3)
        #expect(try await filter(["filterPattern": "ERROR"]) == ["ERROR one", "{\"level\": \"ERROR\"}"])
        #expect(try await filter(["filterPattern": "{ $.level = \"ERROR\" }"]) == ["{\"level\": \"ERROR\"}"])
        #expect(try await filter(["logStreamNames": ["s"]]) == ["ERROR one", "fine"])
        #expect(try await filter(["logStreamNamePrefix": "t"]) == ["{\"level\": \"ERROR\"}"])
        let first = try await story.call("FilterLogEvents", ["logGroupName": "g", "limit": 2])
        #expect(first.structures("events").first?.string("eventId")?.utf8.count == 56)
        #expect(first.list("searchedLogStreams") == [])
        #expect(try await filter(["limit": 2, "nextToken": .optional(first.string("nextToken"))]) == ["{\"level\": \"ERROR\"}"])
        #expect(await story.error("FilterLogEvents", ["logGroupName": "g", "filterPattern": "{ $.a"])?.code == "InvalidParameterException")
        #expect(
            await story.error("FilterLogEvents", ["logGroupName": "g", "logStreamNames": ["s"], "logStreamNamePrefix": "s"])?.code
                == "InvalidParameterException")
    }

    @Test func refusedEventsAreSaidAndNotStored() async throws {
        let story = try await LogStory.withStream()
        let now = story.clock.now.milliseconds
        let output = try await story.call(
            "PutLogEvents",
            [
                "logGroupName": "g", "logStreamName": "s",
                "logEvents": [
                    ["timestamp": .integer(now), "message": "now"], ["timestamp": .integer(now + 3 * 3_600_000), "message": "later"],
                ],
            ])
        #expect(output.structure("rejectedLogEventsInfo")?.integer("tooNewLogEventStartIndex") == 1)
        #expect(output.string("nextSequenceToken")?.utf8.count == 56)
        #expect(LogStory.messages(try await story.call("GetLogEvents", ["logGroupName": "g", "logStreamName": "s"])) == ["now"])
    }

    @Test func tagsAreKeptUnderBothForms() async throws {
        let story = try await LogStory.withStream()
        let arn: APIValue = "arn:aws:logs:us-east-1:000000000000:log-group:g"
        try await story.call("TagResource", ["resourceArn": arn, "tags": .stringMap([("a", "1"), ("b", "2")])])
        try await story.call("UntagLogGroup", ["logGroupName": "g", "tags": ["a"]])
        try await story.call("TagLogGroup", ["logGroupName": "g", "tags": .stringMap([("c", "3")])])
        #expect(try await story.call("ListTagsForResource", ["resourceArn": arn]).stringMap("tags").map(\.0) == ["b", "c"])
        try await story.call("UntagResource", ["resourceArn": arn, "tagKeys": ["b"]])
        #expect(try await story.call("ListTagsLogGroup", ["logGroupName": "g"]).stringMap("tags").map(\.1) == ["3"])
        #expect(
            await story.error("ListTagsForResource", ["resourceArn": "arn:aws:logs:us-east-1:000000000000:log-group:x"])?.code
                == "ResourceNotFoundException")
        #expect(await story.error("TagResource", ["resourceArn": "g", "tags": [:]])?.code == "InvalidParameterException")
        let many = (0...LogService.tagLimit).map { ("k\($0)", "v") }
        #expect(await story.error("TagResource", ["resourceArn": arn, "tags": .stringMap(many)])?.code == "TooManyTagsException")
    }
}
