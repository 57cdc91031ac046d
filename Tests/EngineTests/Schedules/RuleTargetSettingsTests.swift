import Engine
import EventPatterns
import JSONCore
import Store
import Testing
import TimeSource

struct RuleTargetSettingsTests {
    private static let event = ScheduledEvent(
        rule: RuleRecord(
            id: "1", account: "000000000000", bus: "default", name: "nightly", state: .enabled, scheduleExpression: nil,
            eventPattern: Array("{}".utf8), description: nil, roleARN: nil, anchorAt: .epoch, createdAt: .epoch),
        due: Timestamp(milliseconds: 1_795_212_000_000), id: "event-1", region: "us-east-1")

    private static let routed = RoutedEvent(id: "event-1", value: event.value, ingestedAt: .epoch)

    @Test(
        "The input is the event, a part of it, a constant, or made of it",
        arguments: [
            (["Input": #"{"a": 1}"#], #"{"a": 1}"#),
            (["InputPath": "$.detail-type"], #""Scheduled Event""#),
            (["InputPath": "$.absent"], "null"),
            (
                [
                    "InputTransformer": [
                        "InputPathsMap": ["at": "$.time"], "InputTemplate": #"{"at": <at>, "rule": "<aws.events.rule-name>"}"#,
                    ]
                ],
                #"{"at": "2026-11-20T22:00:00Z", "rule": "nightly"}"#
            ),
        ] as [(JSONObject, String)])
    func inputs(_ target: JSONObject, _ expected: String) throws {
        let context = InputTransformer.Context(ruleARN: Self.event.ruleARN, ruleName: "nightly", ingestedAt: .epoch)
        var event = Self.routed
        #expect(try RuleTargetSettings(target).text(for: &event, context: context) == expected)
    }

    @Test("Without anything, the target gets the event and AWS's retry policy")
    func defaults() throws {
        let settings = try RuleTargetSettings([:])
        let context = InputTransformer.Context(ruleARN: "", ruleName: "", ingestedAt: .epoch)
        var event = Self.routed
        #expect(try JSONParser.parse(settings.text(for: &event, context: context)) == Self.event.value)
        #expect(settings.maximumRetries == 185)
        #expect(settings.maximumAge == .seconds(86_400))
    }

    @Test(
        "What cannot be used is refused in AWS's words",
        arguments: [
            (
                ["Id": "t", "Input": "{", "InputPath": "$"],
                "Only one of Input, InputPath, or InputTransformer must be provided for target t."
            ),
            (["Id": "t", "Input": "{'a': 1}"], "JSON syntax error in input for target t: line: 1, column: 2"),
            (["Id": "t", "InputPath": "detail"], "Invalid InputPath for target t."),
            (
                ["Id": "t", "InputTransformer": ["InputTemplate": "not json"]],
                "Invalid InputTemplate for target t : [The template is neither JSON nor text in double quotes.]"
            ),
            (
                ["Id": "t", "InputTransformer": ["InputPathsMap": ["a": "$.id"], "InputTemplate": #""<a> <b>""#]],
                "InputTemplate for target t contains invalid placeholder b."
            ),
        ] as [(JSONObject, String)])
    func faults(_ target: JSONObject, _ reason: String) {
        #expect(throws: RuleTargetSettings.Fault(reason: reason)) { try RuleTargetSettings(target) }
    }

    @Test("A delivery is read as it was written")
    func roundTrip() {
        let delivery = RuleTargetDelivery(
            ruleARN: "rule", targetID: "t", eventID: "e", targetARN: "arn", input: "{\"\u{e9}\":1}", roleARN: "role",
            commandTargets: [["Key": "tag:a", "Values": ["b"]]], httpParameters: ["HeaderParameters": ["a": "b"]], messageGroupID: "g",
            maximumRetries: 3, maximumAge: .seconds(60),
            deadLetter: RuleDeadLetter(queueARN: "q", ruleARN: "rule", targetARN: "arn", event: "{}", traceHeader: "Root=1"),
            isForwarded: true)
        #expect(RuleTargetDelivery(encoded: delivery.encoded) == delivery)
        #expect(RuleTargetDelivery(encoded: Array("{}".utf8)) == nil)
    }
}
