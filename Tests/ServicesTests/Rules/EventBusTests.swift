import AWSProtocols
import Engine
import JSONCore
import Store
import TestSupport
import Testing
import TimeSource

/// Event buses, their permissions, and events put on them.
struct EventBusTests {
    private static let ordersARN = "arn:aws:events:us-east-1:000000000000:event-bus/orders"
    private static let queue = QueueName(account: RuleStory.account, name: "q")
    private static let queueARN = queue.arn(region: RuleStory.region)

    @Test("A bus is created, described, changed, listed and deleted")
    func lifeOfABus() async throws {
        let story = try await RuleStory()
        let created = try await story.call(
            "CreateEventBus",
            [
                "Name": "orders", "Description": "of the shop", "DeadLetterConfig": ["Arn": .string(Self.queueARN)],
                "Tags": [["Key": "team", "Value": "shop"]],
            ])
        #expect(created.string("EventBusArn") == Self.ordersARN)
        #expect(
            await story.error("CreateEventBus", ["Name": "orders"]) == "ResourceAlreadyExistsException: Event bus orders already exists.")
        var bus = try await story.call("DescribeEventBus", ["Name": .string(Self.ordersARN)])
        #expect(bus.string("Arn") == Self.ordersARN)
        #expect(bus.string("Description") == "of the shop")
        #expect(bus.structure("DeadLetterConfig")?.string("Arn") == Self.queueARN)
        #expect(bus.timestamp("CreationTime") == story.clock.now.milliseconds)
        story.clock.advance(by: .seconds(5))
        try await story.call("UpdateEventBus", ["Name": "orders", "Description": "new"])
        bus = try await story.call("DescribeEventBus", ["Name": "orders"])
        #expect(bus.string("Description") == "new")
        #expect(bus.structure("DeadLetterConfig")?.string("Arn") == Self.queueARN)
        #expect(bus.timestamp("LastModifiedTime") == story.clock.now.milliseconds)
        let tags = try await story.call("ListTagsForResource", ["ResourceARN": .string(Self.ordersARN)])
        #expect(tags.list("Tags") == [["Key": "team", "Value": "shop"]])
        try await story.call("DeleteEventBus", ["Name": "orders"])
        try await story.call("DeleteEventBus", ["Name": "orders"])
        #expect(await story.error("DescribeEventBus", ["Name": "orders"]) == "ResourceNotFoundException: Event bus orders does not exist.")
        #expect(await story.error("UpdateEventBus", ["Name": "orders"]) == "ResourceNotFoundException: Event bus orders does not exist.")
    }

    @Test("Buses are listed in pages, the default one in its place")
    func listing() async throws {
        let story = try await RuleStory()
        for name in ["zoo", "dach", "alpha"] { try await story.call("CreateEventBus", ["Name": .string(name)]) }
        try await story.call("UpdateEventBus", ["Name": "default", "Description": "has a row now"])
        var names: [String] = []
        var token: APIValue = .null
        repeat {
            let page = try await story.call("ListEventBuses", ["Limit": 2, "NextToken": token])
            names += page.structures("EventBuses").compactMap { $0.string("Name") }
            token = page["NextToken"] ?? .null
        } while !token.isNull
        #expect(names == ["alpha", "dach", "default", "zoo"])
        let some = try await story.call("ListEventBuses", ["NamePrefix": "d"])
        #expect(some.structures("EventBuses").map { $0.string("Name") } == ["dach", "default"])
    }

    @Test(
        "What is wrong with a bus is told in AWS's words",
        arguments: [
            ("CreateEventBus", ["Name": "default"], "ResourceAlreadyExistsException: Event bus default already exists."),
            ("CreateEventBus", ["Name": "a/b"], "ValidationException: Event bus name must not contain '/'."),
            ("CreateEventBus", ["Name": "aws.mine"], "ValidationException: Event bus name starting with 'aws.' is not valid."),
            (
                "CreateEventBus", ["Name": "aws.partner/a/b", "EventSourceName": "aws.partner/a/b"],
                "ResourceNotFoundException: Event source aws.partner/a/b does not exist."
            ),
            ("DeleteEventBus", ["Name": "default"], "ValidationException: Cannot delete event bus default."),
            ("RemovePermission", ["StatementId": "s"], "ResourceNotFoundException: Statement with the provided id does not exist."),
            (
                "PutPermission", ["Action": "events:PutRule", "Principal": "*", "StatementId": "s"],
                "ValidationException: Provided value in parameter 'action' is not supported."
            ),
            ("PutPermission", ["Policy": "{"], "ValidationException: This policy contains invalid Json"),
        ] as [(String, APIStructure, String)])
    func faults(_ operation: String, _ input: APIStructure, _ expected: String) async throws {
        let story = try await RuleStory()
        #expect(await story.error(operation, input) == expected)
    }

    @Test("An account has a hundred buses at most")
    func limit() async throws {
        let story = try await RuleStory()
        for number in 0..<100 { try await story.call("CreateEventBus", ["Name": .string("b\(number)")]) }
        #expect(
            await story.error("CreateEventBus", ["Name": "b100"])
                == "LimitExceededException: The requested resource exceeds the maximum number allowed.")
    }

    @Test("Permissions are statements of the bus's policy")
    func permissions() async throws {
        let story = try await RuleStory()
        try await story.call("CreateEventBus", ["Name": "orders"])
        func policy() async throws -> JSONValue? {
            try await story.call("DescribeEventBus", ["Name": "orders"]).string("Policy").map { try JSONParser.parse($0) }
        }
        try await story.call(
            "PutPermission",
            ["EventBusName": "orders", "Action": "events:PutEvents", "Principal": "111122223333", "StatementId": "one"])
        try await story.call(
            "PutPermission",
            [
                "EventBusName": "orders", "Action": "events:PutEvents", "Principal": "*", "StatementId": "all",
                "Condition": ["Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1"],
            ])
        let one: JSONValue = [
            "Sid": "one", "Effect": "Allow", "Principal": ["AWS": "arn:aws:iam::111122223333:root"], "Action": "events:PutEvents",
            "Resource": .text(Self.ordersARN),
        ]
        let all: JSONValue = [
            "Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": .text(Self.ordersARN),
            "Condition": ["StringEquals": ["aws:PrincipalOrgID": "o-1"]],
        ]
        #expect(try await policy() == ["Version": "2012-10-17", "Statement": [one, all]])
        #expect(
            await story.error("RemovePermission", ["EventBusName": "orders", "StatementId": "none"])
                == "ResourceNotFoundException: Statement with the provided id does not exist.")
        try await story.call("RemovePermission", ["EventBusName": "orders", "StatementId": "all"])
        #expect(try await policy()?["Statement"] == [one])
        try await story.call("RemovePermission", ["EventBusName": "orders", "RemoveAllPermissions": true])
        #expect(try await policy() == nil)
        try await story.call("PutPermission", ["Policy": #"{"Version":"2012-10-17","Statement":[]}"#])
        #expect(try await story.call("DescribeEventBus", [:]).string("Policy") == #"{"Version":"2012-10-17","Statement":[]}"#)
    }

    @Test("Rules stand on any bus, by name or ARN, each bus with names of its own")
    func rules() async throws {
        let story = try await RuleStory()
        try await story.call("CreateEventBus", ["Name": "orders"])
        let rule = try await story.call(
            "PutRule", ["Name": "r", "EventBusName": .string(Self.ordersARN), "EventPattern": #"{"source":["shop"]}"#])
        #expect(rule.string("RuleArn") == "arn:aws:events:us-east-1:000000000000:rule/orders/r")
        #expect(
            await story.error("PutRule", ["Name": "s", "EventBusName": "orders", "ScheduleExpression": "rate(1 day)"])
                == "ValidationException: ScheduleExpression is supported only on the default event bus.")
        #expect(await story.error("DescribeRule", ["Name": "r"]) == "ResourceNotFoundException: Rule r does not exist on EventBus default.")
        let target: APIValue = ["Id": "1", "Arn": .string(Self.queueARN)]
        try await story.call("PutTargets", ["Rule": "r", "EventBusName": "orders", "Targets": [target]])
        #expect(
            try await story.call("ListRuleNamesByTarget", ["TargetArn": .string(Self.queueARN), "EventBusName": "orders"])
                .strings("RuleNames") == ["r"])
        #expect(try await story.call("ListRuleNamesByTarget", ["TargetArn": .string(Self.queueARN)]).strings("RuleNames") == [])
        #expect(
            await story.error("DeleteEventBus", ["Name": "orders"])
                == "ValidationException: Event bus orders can't be deleted since it has rules.")
        try await story.call("RemoveTargets", ["Rule": "r", "EventBusName": "orders", "Ids": ["1"]])
        try await story.call("DeleteRule", ["Name": "r", "EventBusName": "orders"])
        try await story.call("DeleteEventBus", ["Name": "orders"])
    }

    @Test(
        "What is wrong with a target is told in AWS's words",
        arguments: [
            (["Arn": "arn:aws:sqs:us-east-1:000000000000:q.fifo"], "Parameter(s) SqsParameters must be specified for target: 1."),
            (
                ["Arn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"],
                "Targets of the service 'kinesis' are not supported by Nightshift: target 1."
            ),
            (
                ["Arn": .string(ordersARN), "Input": "{}"], "Modifying the input for target 1 is not supported."
            ),
            (
                ["Arn": .string(queueARN), "DeadLetterConfig": ["Arn": "arn:aws:sns:us-east-1:000000000000:t"]],
                "Parameter DeadLetterConfig is not valid. Reason: Provided Arn is not in correct format."
            ),
            (
                ["Arn": .string(queueARN), "DeadLetterConfig": ["Arn": "arn:aws:sqs:us-east-1:000000000000:q.fifo"]],
                "Parameter DeadLetterConfig is not valid. Reason: FIFO queues are not supported as dead-letter queues."
            ),
        ] as [(APIStructure, String)])
    func faultyTargets(_ target: APIStructure, _ expected: String) async throws {
        let story = try await RuleStory()
        try await story.call("PutRule", ["Name": "r", "EventPattern": #"{"source":["shop"]}"#])
        var target = target
        target["Id"] = "1"
        #expect(await story.error("PutTargets", ["Rule": "r", "Targets": [.structure(target)]]) == "ValidationException: \(expected)")
    }

    // MARK: PutEvents

    private static func entry(_ changes: APIStructure = [:]) -> APIValue {
        var entry: APIStructure = ["Source": "shop", "DetailType": "Order Placed", "Detail": #"{"order": 1}"#]
        for member in changes.members { entry[member.name] = member.value }
        return .structure(entry)
    }

    /// A story with a queue that gets all events of the shop.
    private static func shop() async throws -> RuleStory {
        let story = try await RuleStory()
        story.queues.make(queue)
        try await story.call("PutRule", ["Name": "r", "EventPattern": #"{"source":[{"prefix":"shop"}]}"#])
        try await story.call("PutTargets", ["Rule": "r", "Targets": [["Id": "1", "Arn": .string(queueARN)]]])
        return story
    }

    @Test("Events reach the targets of matching rules, as they were put")
    func putEvents() async throws {
        let story = try await Self.shop()
        let answer = try await story.call(
            "PutEvents",
            [
                "Entries": [
                    Self.entry(["Time": .timestamp(1_700_000_000_000), "Resources": ["arn:a"], "TraceHeader": "Root=1"]),
                    Self.entry(["EventBusName": "arn:aws:events:us-east-1:000000000000:event-bus/default"]),
                    Self.entry(["EventBusName": "absent"]), Self.entry(["Source": "bank"]),
                ]
            ])
        #expect(answer.integer("FailedEntryCount") == 0)
        let ids = answer.structures("Entries").compactMap { $0.string("EventId") }
        #expect(Set(ids).count == 4)
        #expect(story.queues.sent.count == 2)
        let event = try JSONParser.parse(try #require(story.queues.sent.first).body)
        #expect(event["id"]?.text == ids[0])
        #expect(event["time"] == "2023-11-14T22:13:20Z")
        #expect(event["resources"] == ["arn:a"])
        #expect(event["detail"] == ["order": 1])
        #expect(story.queues.sent.first?.traceHeader == "Root=1")
        #expect(try JSONParser.parse(story.queues.sent[1].body)["time"]?.text == story.clock.now.iso8601Seconds)
    }

    @Test(
        "A faulty entry fails for itself",
        arguments: [
            (["Source": .null], "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."),
            (["DetailType": ""], "InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType is a required argument."),
            (["Detail": .null], "InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument."),
            (["Detail": "{"], "MalformedDetail", "Detail is malformed."), (["Detail": "[1]"], "MalformedDetail", "Detail is malformed."),
            (["Source": "aws.ec2"], "NotAuthorizedForSourceException", "Not authorized for the source."),
        ] as [(APIStructure, String, String)])
    func faultyEntries(_ changes: APIStructure, _ code: String, _ message: String) async throws {
        let story = try await Self.shop()
        let answer = try await story.call("PutEvents", ["Entries": [Self.entry(changes), Self.entry()]])
        #expect(answer.integer("FailedEntryCount") == 1)
        #expect(answer.structures("Entries").first == ["ErrorCode": .string(code), "ErrorMessage": .string(message)])
        #expect(answer.structures("Entries").last?.string("EventId") != nil)
        #expect(story.queues.sent.count == 1)
    }

    @Test("The entries of a request together are smaller than a megabyte")
    func size() async throws {
        let story = try await Self.shop()
        let detail = { (size: Int) in APIValue.string(#"{"a":"\#(String(repeating: "x", count: size))"}"#) }
        let half = Self.entry(["Detail": detail(500_000)])
        #expect(try await story.call("PutEvents", ["Entries": [half, half]]).integer("FailedEntryCount") == 0)
        #expect(
            await story.error("PutEvents", ["Entries": [half, Self.entry(["Detail": detail(548_570)])]])
                == "ValidationException: Total size of the entries in the request is over the limit.")
    }

    @Test("A request that our own parts repeat is applied once, and answered as at first")
    func repeated() async throws {
        let story = try await Self.shop()
        let first = try await story.call("PutEvents", ["Entries": [Self.entry()]], dedupeKey: "key")
        let second = try await story.call("PutEvents", ["Entries": [Self.entry()]], dedupeKey: "key")
        #expect(first.structures("Entries") == second.structures("Entries"))
        #expect(story.queues.sent.count == 1)
    }
}
