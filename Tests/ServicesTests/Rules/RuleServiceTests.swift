import AWSProtocols
import Testing
import TimeSource

struct RuleServiceTests {
    private static let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:nightly"
    private static let ruleARN = "arn:aws:events:us-east-1:000000000000:rule/nightly"

    @Test("A rule is described as it was put, and replaced as a whole")
    func putAndDescribe() async throws {
        let story = try await RuleStory()
        let answer = try await story.call(
            "PutRule",
            [
                "Name": "nightly", "ScheduleExpression": "cron(0 22 * * ? *)", "Description": "the batch",
                "RoleArn": "arn:aws:iam::000000000000:role/batch", "Tags": [["Key": "team", "Value": "night"]],
            ])
        #expect(answer.string("RuleArn") == Self.ruleARN)
        var rule = try await story.call("DescribeRule", ["Name": "nightly"])
        #expect(rule.string("State") == "ENABLED")
        #expect(rule.string("ScheduleExpression") == "cron(0 22 * * ? *)")
        #expect(rule.string("EventBusName") == "default")
        #expect(rule.string("CreatedBy") == RuleStory.account)
        try await story.call(
            "PutRule",
            ["Name": "nightly", "EventPattern": #"{"source":["a"]}"#, "EventBusName": "default", "Tags": [["Key": "x", "Value": ""]]])
        rule = try await story.call(
            "DescribeRule", ["Name": "nightly", "EventBusName": "arn:aws:events:us-east-1:000000000000:event-bus/default"])
        #expect(rule.string("EventPattern") == #"{"source":["a"]}"#)
        #expect(!rule.contains("Description") && !rule.contains("ScheduleExpression") && !rule.contains("RoleArn"))
        #expect(try await story.due().isEmpty)
        let tags = try await story.call("ListTagsForResource", ["ResourceARN": .string(Self.ruleARN)])
        #expect(tags.structures("Tags").map { $0.string("Key") } == ["team"])
    }

    @Test("A rate counts from the rule's creation, and goes on when the same rule is put again")
    func rateAnchor() async throws {
        let story = try await RuleStory()
        let rule: APIStructure = ["Name": "nightly", "ScheduleExpression": "rate(5 minutes)"]
        try await story.call("PutRule", rule)
        #expect(try await story.due() == [300])
        story.clock.advance(by: .seconds(100))
        try await story.call("PutRule", rule)
        #expect(try await story.due() == [200])
        try await story.call("EnableRule", ["Name": "nightly"])
        #expect(try await story.due() == [200])
        try await story.call("DisableRule", ["Name": "nightly"])
        #expect(try await story.due().isEmpty)
        try await story.call("EnableRule", ["Name": "nightly"])
        #expect(try await story.due() == [300])
        story.clock.advance(by: .seconds(100))
        try await story.call("PutRule", ["Name": "nightly", "ScheduleExpression": "rate(10 minutes)"])
        #expect(try await story.due() == [600])
        try await story.call("PutRule", ["Name": "nightly", "ScheduleExpression": "rate(10 minutes)", "State": "DISABLED"])
        #expect(try await story.due().isEmpty)
    }

    @Test(
        "What is wrong with a rule is told in AWS's words",
        arguments: [
            (["Name": "r"], "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified."),
            (["Name": "r", "ScheduleExpression": "rate(1 minutes)"], "ValidationException: Parameter ScheduleExpression is not valid."),
            (["Name": "r", "ScheduleExpression": "cron(0 22 * * * *)"], "ValidationException: Parameter ScheduleExpression is not valid."),
            (
                ["Name": "r", "ScheduleExpression": "at(2030-01-01T00:00:00)"],
                "ValidationException: Parameter ScheduleExpression is not valid."
            ),
            (
                ["Name": "r", "ScheduleExpression": "rate(1 minute)", "EventBusName": "orders"],
                "ResourceNotFoundException: Event bus orders does not exist."
            ),
            (
                ["Name": "r", "ScheduleExpression": "rate(1 minute)", "RoleArn": "batch"],
                "ValidationException: Parameter RoleArn is not valid. Reason: Provided Arn is not in correct format."
            ),
        ] as [(APIStructure, String)])
    func faultyRules(_ input: APIStructure, _ expected: String) async throws {
        let story = try await RuleStory()
        #expect(await story.error("PutRule", input) == expected)
    }

    @Test("A faulty pattern is an InvalidEventPatternException with the reason")
    func faultyPattern() async throws {
        let story = try await RuleStory()
        let error = await story.error("PutRule", ["Name": "r", "EventPattern": #"{"source": "a"}"#])
        #expect(error?.hasPrefix("InvalidEventPatternException: Event pattern is not valid. Reason: ") == true)
    }

    @Test("Rules that do not exist are told by name; deleting one is no error")
    func absent() async throws {
        let story = try await RuleStory()
        let expected = "ResourceNotFoundException: Rule r does not exist on EventBus default."
        for operation in ["DescribeRule", "EnableRule", "DisableRule"] {
            #expect(await story.error(operation, ["Name": "r"]) == expected)
        }
        #expect(await story.error("PutTargets", ["Rule": "r", "Targets": [["Id": "1", "Arn": .string(Self.machine)]]]) == expected)
        #expect(await story.error("RemoveTargets", ["Rule": "r", "Ids": ["1"]]) == expected)
        #expect(await story.error("ListTargetsByRule", ["Rule": "r"]) == expected)
        #expect(await story.error("TagResource", ["ResourceARN": "arn:aws:events:us-east-1:000000000000:rule/r", "Tags": []]) == expected)
        #expect(await story.error("DeleteRule", ["Name": "r"]) == nil)
    }

    @Test("Targets are put, replaced, listed as they were put, found by ARN and removed")
    func targets() async throws {
        let story = try await RuleStory()
        try await story.call("PutRule", ["Name": "nightly", "ScheduleExpression": "rate(1 day)"])
        let command: APIValue = [
            "Id": "command", "Arn": "arn:aws:ssm:us-east-1::document/AWS-RunShellScript", "Input": #"{"commands":["date"]}"#,
            "RunCommandParameters": ["RunCommandTargets": [["Key": "tag:role", "Values": ["batch"]]]],
            "RetryPolicy": ["MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 60],
        ]
        try await story.call("PutTargets", ["Rule": "nightly", "Targets": [command, ["Id": "machine", "Arn": .string(Self.machine)]]])
        try await story.call(
            "PutTargets", ["Rule": "nightly", "Targets": [["Id": "machine", "Arn": .string(Self.machine), "Input": "1"]]])
        let listed = try await story.call("ListTargetsByRule", ["Rule": "nightly"])
        #expect(listed.list("Targets") == [command, ["Id": "machine", "Arn": .string(Self.machine), "Input": "1"]])
        let names = try await story.call("ListRuleNamesByTarget", ["TargetArn": .string(Self.machine)])
        #expect(names.strings("RuleNames") == ["nightly"])
        #expect(await story.error("DeleteRule", ["Name": "nightly"]) == "ValidationException: Rule can't be deleted since it has targets.")
        let removed = try await story.call("RemoveTargets", ["Rule": "nightly", "Ids": ["command", "absent", "machine"]])
        #expect(removed.integer("FailedEntryCount") == 1)
        #expect(removed.structures("FailedEntries").first?.string("TargetId") == "absent")
        #expect(try await story.call("ListTargetsByRule", ["Rule": "nightly"]).list("Targets") == [])
        try await story.call("DeleteRule", ["Name": "nightly"])
        #expect(try await story.due().isEmpty)
    }

    @Test(
        "What is wrong with a target is told in AWS's words, and nothing is stored",
        arguments: [
            (
                ["Id": "1", "Arn": "night"],
                "ValidationException: Parameter night is not valid. Reason: Provided Arn is not in correct format."
            ),
            (
                ["Id": "1", "Arn": "arn:aws:ssm:us-east-1::document/AWS-RunShellScript"],
                "ValidationException: Parameter(s) RunCommandParameters must be specified for target: 1."
            ),
            (
                ["Id": "1", "Arn": "arn:aws:sns:us-east-1:000000000000:t", "Input": "{}", "InputPath": "$"],
                "ValidationException: Only one of Input, InputPath, or InputTransformer must be provided for target 1."
            ),
        ] as [(APIStructure, String)])
    func faultyTargets(_ target: APIStructure, _ expected: String) async throws {
        let story = try await RuleStory()
        try await story.call("PutRule", ["Name": "r", "ScheduleExpression": "rate(1 day)"])
        let good: APIValue = ["Id": "2", "Arn": .string(Self.machine)]
        #expect(await story.error("PutTargets", ["Rule": "r", "Targets": [good, .structure(target)]]) == expected)
        #expect(try await story.call("ListTargetsByRule", ["Rule": "r"]).list("Targets") == [])
    }

    @Test("A rule has five targets at most")
    func targetLimit() async throws {
        let story = try await RuleStory()
        try await story.call("PutRule", ["Name": "r", "ScheduleExpression": "rate(1 day)"])
        let targets = (1...6).map { APIValue.structure(["Id": .string("t\($0)"), "Arn": .string(Self.machine)]) }
        let expected = "LimitExceededException: The requested resource exceeds the maximum number allowed."
        #expect(await story.error("PutTargets", ["Rule": "r", "Targets": .list(targets)]) == expected)
        try await story.call("PutTargets", ["Rule": "r", "Targets": .list(Array(targets.prefix(5)))])
        try await story.call("PutTargets", ["Rule": "r", "Targets": .list(Array(targets.prefix(5)))])
        #expect(await story.error("PutTargets", ["Rule": "r", "Targets": .list(Array(targets.suffix(1)))]) == expected)
    }

    @Test("Rules are listed by name in pages, and by the beginning of their names")
    func listing() async throws {
        let story = try await RuleStory()
        for name in ["a-1", "a-2", "a-3", "b-1"] {
            try await story.call("PutRule", ["Name": .string(name), "ScheduleExpression": "rate(1 day)"])
        }
        try await story.call("PutRule", ["Name": "a-0", "ScheduleExpression": "rate(1 day)"], account: "111111111111")
        var names: [String] = []
        var token: APIValue = .null
        repeat {
            let page = try await story.call("ListRules", ["NamePrefix": "a-", "Limit": 2, "NextToken": token])
            names += page.structures("Rules").compactMap { $0.string("Name") }
            token = page["NextToken"] ?? .null
        } while !token.isNull
        #expect(names == ["a-1", "a-2", "a-3"])
        #expect(await story.error("ListRules", ["NextToken": "x"]) == "ValidationException: Parameter NextToken is not valid.")
    }

    @Test("Events are tested against patterns; an event must be whole")
    func patterns() async throws {
        let story = try await RuleStory()
        let event = #"{"id":"1","account":"0","source":"a","time":"t","region":"r","detail-type":"d","detail":{"n":1}}"#
        let matches = { (pattern: String) in
            try await story.call("TestEventPattern", ["EventPattern": .string(pattern), "Event": .string(event)]).bool("Result")
        }
        #expect(try await matches(#"{"source":["a"]}"#) == true)
        #expect(try await matches(#"{"detail":{"n":[{"numeric":[">",1]}]}}"#) == false)
        #expect(
            await story.error("TestEventPattern", ["EventPattern": "{}", "Event": #"{"source":"a"}"#])
                == "ValidationException: Parameter Event is not valid.")
    }

    @Test("There is one event bus")
    func buses() async throws {
        let story = try await RuleStory()
        let arn = "arn:aws:events:us-east-1:000000000000:event-bus/default"
        #expect(try await story.call("DescribeEventBus", [:]).string("Arn") == arn)
        #expect(try await story.call("ListEventBuses", [:]).structures("EventBuses").map { $0.string("Name") } == ["default"])
        #expect(try await story.call("ListEventBuses", ["NamePrefix": "o"]).structures("EventBuses").isEmpty)
        #expect(await story.error("DescribeEventBus", ["Name": "o"]) == "ResourceNotFoundException: Event bus o does not exist.")
    }

    @Test("Tags of a rule are set, listed and removed")
    func tags() async throws {
        let story = try await RuleStory()
        try await story.call("PutRule", ["Name": "nightly", "ScheduleExpression": "rate(1 day)"])
        let resource = APIValue.string(Self.ruleARN)
        try await story.call("TagResource", ["ResourceARN": resource, "Tags": [["Key": "b", "Value": "2"], ["Key": "a", "Value": "1"]]])
        try await story.call("UntagResource", ["ResourceARN": resource, "TagKeys": ["b"]])
        let tags = try await story.call("ListTagsForResource", ["ResourceARN": resource])
        #expect(tags.list("Tags") == [["Key": "a", "Value": "1"]])
        try await story.call("DeleteRule", ["Name": "nightly"])
        try await story.call("PutRule", ["Name": "nightly", "ScheduleExpression": "rate(1 day)"])
        #expect(try await story.call("ListTagsForResource", ["ResourceARN": resource]).list("Tags") == [])
    }
}
