import JSONCore
import Synchronization
import Testing
import TimeSource

@testable import AdminCLI

/// A server whose answers the test writes: each operation answers its list in turn, the last one for ever.
final class ScriptedServer: APICaller {
    private let script: Mutex<[String: [Result<JSONObject, any Error>]]>
    private let log = Mutex<[APICall]>([])

    init(_ script: [String: [Result<JSONObject, any Error>]]) {
        self.script = Mutex(script)
    }

    var calls: [APICall] { log.withLock { $0 } }

    func call(_ call: APICall) async throws -> JSONObject {
        log.withLock { $0.append(call) }
        let answer = script.withLock { script -> Result<JSONObject, any Error>? in
            guard let answers = script[call.operation], let first = answers.first else { return nil }
            if answers.count > 1 { script[call.operation] = Array(answers.dropFirst()) }
            return first
        }
        guard let answer else {
            throw APIFailure(code: "ResourceNotFoundException", message: "", status: 400, operation: call.operation)
        }
        return try answer.get()
    }
}

/// A clock whose waits are over at once.
struct ImpatientClock: ClockSource {
    let time = ManualClock()
    var now: Timestamp { time.now }
    var monotonic: MonotonicInstant { time.monotonic }
    func sleep(until deadline: MonotonicInstant) async throws {
        try Task.checkCancellation()
        time.advance(by: deadline - time.monotonic)
    }
}

struct ExecutionFollowerTests {
    private static let description: JSONObject = [
        "executionArn": "arn:aws:states:us-east-1:000000000000:execution:batch:night", "name": "night",
        "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:batch", "status": "FAILED",
        "startDate": 1_700_000_000.0, "stopDate": 1_700_000_002.5, "error": "Batch.Broken", "cause": "line one\nline two",
    ]

    private static func history(_ story: Story, upTo count: Int) -> JSONObject {
        ["events": .array(story.events.prefix(count).reversed().map { .object($0.json) })]
    }

    private func follow(_ server: ScriptedServer, isJSON: Bool = false) async throws -> (summary: ExecutionSummary, text: String) {
        let text = Mutex("")
        let remarks = Mutex("")
        let screen = FollowScreen(style: .plain, zone: .utc, isJSON: isJSON) { part in text.withLock { $0 += part } }
        var follower = ExecutionFollower(server, execution: "arn:x", clock: ImpatientClock(), screen: screen) { remark in
            remarks.withLock { $0 += remark + "\n" }
        }
        let summary = try await follower.run()
        return (summary, text.withLock { $0 } + remarks.withLock { $0 })
    }

    private var story: Story {
        var story = Story()
        story.add("ExecutionStarted", at: 0, after: 0)
        story.add("TaskStateEntered", at: 0, after: 0, ["name": "Send"])
        story.add("LambdaFunctionScheduled", at: 0, ["resource": "arn:aws:lambda:us-east-1:0:function:Send"])
        story.add("LambdaFunctionSucceeded", at: 1, ["output": "{\"commandId\":\"0b1f2c34-1111-2222-3333-444455556666\"}"])
        story.add("ExecutionFailed", at: 2, ["error": "Batch.Broken"])
        return story
    }

    private func event(_ id: String, _ second: Int64, _ stream: String, _ message: String) -> JSONValue {
        [
            "eventId": .text(id), "timestamp": .integer(1_700_000_000_000 + second * 1000), "logStreamName": .text(stream),
            "message": .text(message),
        ]
    }

    @Test func aFailureIsShownWithItsWholeCauseAndWhereToLook() async throws {
        let server = ScriptedServer([
            "GetExecutionHistory": [
                .success(Self.history(story, upTo: 2)), .success(Self.history(story, upTo: 2)), .success(Self.history(story, upTo: 5)),
            ],
            "FilterLogEvents": [
                .success([
                    "events": [event("1", 1, "c/mi-1/aws-runShellScript/stdout", "site one"), event("2", 1, "x", "START RequestId: 1")]
                ]),
                .success(["events": [event("1", 1, "c/mi-1/aws-runShellScript/stdout", "site one")]]),
            ],
            "ListCommands": [
                .success([
                    "Commands": [["DocumentName": "AWS-RunShellScript", "CloudWatchOutputConfig": ["CloudWatchOutputEnabled": true]]]
                ])
            ],
            "DescribeExecution": [.success(Self.description)],
        ])
        let (summary, text) = try await follow(server)
        #expect(summary.status == "FAILED")
        #expect(text.contains("22:13:20  > Send\n"))
        #expect(text.contains("          | site one\n"))
        #expect(
            text.hasSuffix(
                """
                FAILED after 2.50 s  batch:night
                error  Batch.Broken
                cause  line one
                       line two
                look   nightshift history arn:aws:states:us-east-1:000000000000:execution:batch:night

                """))
    }

    @Test func outputOfACommandWithoutALogGroupIsShownWhenItHasEnded() async throws {
        let server = ScriptedServer([
            "GetExecutionHistory": [.success(Self.history(story, upTo: 4)), .success(Self.history(story, upTo: 5))],
            "FilterLogEvents": [.success(["events": []])], "ListCommands": [.success(["Commands": [[:]]])],
            "ListCommandInvocations": [
                .success(["CommandInvocations": [["InstanceId": "mi-1", "Status": "InProgress"]]]),
                .success(["CommandInvocations": [["InstanceId": "mi-1", "Status": "Failed"]]]),
            ],
            "GetCommandInvocation": [.success(["StandardOutputContent": "one\n\ntwo\n", "StandardErrorContent": "three"])],
            "DescribeExecution": [.success(Self.description)],
        ])
        let (_, text) = try await follow(server)
        #expect(text.contains("          | one\n          | \n          | two\n          | three\n"))
        #expect(server.calls.count { $0.operation == "GetCommandInvocation" } == 1)
    }

    @Test func eachEventIsReadOnceAndOnlyTheNewOnesAreAskedFor() async throws {
        let server = ScriptedServer([
            "GetExecutionHistory": [.success(Self.history(story, upTo: 2)), .success(Self.history(story, upTo: 5))],
            "DescribeExecution": [.success(Self.description)],
        ])
        let (_, text) = try await follow(server, isJSON: true)
        let lines = text.split(separator: "\n").map { try? JSONParser.parse(String($0)) }
        #expect(lines.compactMap { $0?["event"]?["id"]?.integer } == [1, 2, 3, 4, 5])
        #expect(lines.last??["outcome"]?["status"]?.text == "FAILED")
        #expect(lines.last??["outcome"]?["startDate"]?.text == "2023-11-14T22:13:20.000Z")
        #expect(server.calls.filter { $0.operation == "GetExecutionHistory" }.allSatisfy { $0.input["reverseOrder"] == true })
    }

    @Test func aServerThatGoesAwayIsWaitedFor() async throws {
        let away: Result<JSONObject, any Error> = .failure(ConnectionFailure(address: "http://x", reason: "connection refused"))
        let server = ScriptedServer([
            "GetExecutionHistory": [.success(Self.history(story, upTo: 2)), away, away, .success(Self.history(story, upTo: 5))],
            "DescribeExecution": [.success(Self.description)],
        ])
        let (summary, text) = try await follow(server)
        #expect(summary.status == "FAILED")
        #expect(text.hasSuffix("the server does not answer; waiting for it\nthe server answers again\n"))
    }

    @Test func outputThatMayNotBeReadDoesNotEndTheFollowing() async throws {
        let refused = APIFailure(code: "AccessDeniedException", message: "no", status: 400, operation: "FilterLogEvents")
        let server = ScriptedServer([
            "GetExecutionHistory": [.success(Self.history(story, upTo: 5))], "FilterLogEvents": [.failure(refused)],
            "DescribeExecution": [.success(Self.description)],
        ])
        let (summary, text) = try await follow(server)
        #expect(summary.status == "FAILED")
        #expect(text.hasSuffix("output is not shown: FilterLogEvents: AccessDeniedException: no\n"))
    }

    @Test func aServerThatNeverAnsweredOrStaysAwayIsAFailure() async throws {
        let away: Result<JSONObject, any Error> = .failure(ConnectionFailure(address: "http://x", reason: "connection refused"))
        await #expect(throws: ConnectionFailure.self) {
            _ = try await follow(ScriptedServer(["GetExecutionHistory": [away]]))
        }
        await #expect(throws: ConnectionFailure.self) {
            _ = try await follow(ScriptedServer(["GetExecutionHistory": [.success(Self.history(story, upTo: 2)), away]]))
        }
    }
}
