import JSONCore
import StatesInterpreter
import StatesLanguage
import Testing
import TimeSource

/// Tasks: scheduling, outcomes, time limits, late and early messages.
@Suite struct TaskStoryTests {
    private static let function: JSONObject = [
        "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
    ]
    private static let callback: JSONObject = [
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": ["Token.$": "$$.Task.Token"],
    ]

    private static func task(_ base: JSONObject, _ more: JSONObject) -> JSONObject {
        var fields = base
        for member in more.members { fields[member.key] = member.value }
        return fields
    }

    @Test func aFunctionIsScheduledStartedAndEnds() throws {
        var story = try Story(state: Self.function)
        story.start(["a": 1])
        #expect(story.tasks.map(\.effect.rawValue) == [1])
        #expect(story.tasks.first?.parameters.value == ["a": 1])
        #expect(story.tasks.first?.taskToken == nil)
        story.take(.taskStarted(EffectNumber(rawValue: 1), workerName: nil))
        story.succeed(1, ["b": 2])
        #expect(story.types == [
            "ExecutionStarted", "TaskStateEntered", "LambdaFunctionScheduled", "LambdaFunctionStarted",
            "LambdaFunctionSucceeded", "TaskStateExited", "ExecutionSucceeded",
        ])
        #expect(story.output == ["b": 2])
    }

    @Test func anOutcomeBeforeTheStartIsKnownBringsTheMissingEvent() throws {
        var story = try Story(state: Self.callback)
        story.start()
        #expect(story.tasks.first?.taskToken == "token-1")
        #expect(story.tasks.first?.parameters.value == ["Token": "token-1"])
        story.succeed(1, "done")
        #expect(story.types.suffix(5) == [
            "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded",
        ])
    }

    @Test func outcomesOfOlderAttemptsAreStale() throws {
        let retry: JSONObject = ["Retry": [["ErrorEquals": ["States.ALL"], "MaxAttempts": 1]]]
        var story = try Story(state: Self.task(Self.function, retry))
        story.start()
        story.fail(1, "Boom")
        story.pass(.seconds(1))
        #expect(story.tasks.map(\.effect.rawValue) == [2])
        let before = story.state
        #expect(story.take(.taskSucceeded(EffectNumber(rawValue: 1), output: JSONDocument(1))) == .effectNotPending)
        #expect(story.take(.heartbeat(EffectNumber(rawValue: 1))) == .effectNotPending)
        #expect(story.state == before)
        story.succeed(2, 2)
        #expect(story.output == 2)
        #expect(story.take(.due) == .executionEnded)
    }

    @Test func aTaskTimesOutAndItsEffectIsCancelled() throws {
        var story = try Story(state: Self.task(Self.function, ["TimeoutSeconds": 5]))
        story.start()
        #expect(story.turn.nextDue.engine == story.now.engine + .seconds(5))
        story.pass(.seconds(4))
        #expect(!story.turn.mustBeStored)
        story.pass(.seconds(1))
        #expect(story.effects == [.cancel(EffectNumber(rawValue: 1))])
        #expect(story.types.suffix(2) == ["LambdaFunctionTimedOut", "ExecutionFailed"])
        #expect(story.turn.outcome == .failed(error: "States.Timeout", cause: nil))
    }

    @Test func heartbeatsKeepATaskAliveAndNeedNoStorage() throws {
        var story = try Story(state: Self.task(Self.callback, ["HeartbeatSeconds": 3]))
        story.start()
        for _ in 0..<5 {
            story.pass(.seconds(2))
            #expect(story.take(.heartbeat(EffectNumber(rawValue: 1))) == nil)
            #expect(!story.turn.mustBeStored)
        }
        story.pass(.seconds(3))
        #expect(story.turn.outcome == .failed(error: "States.Timeout", cause: nil))
    }

    @Test(arguments: ["States.Timeout", "States.HeartbeatTimeout", "States.ALL"])
    func aMissedHeartbeatHasTwoNames(name: String) throws {
        let fields: JSONObject = [
            "HeartbeatSeconds": 3, "Catch": [["ErrorEquals": [.text(name)], "Next": "B"]],
        ]
        var story = try Story([
            "StartAt": "A",
            "States": [
                "A": .object(Self.task(Self.task(Self.callback, fields), ["End": true])), "B": ["Type": "Succeed"],
            ],
        ])
        story.start()
        story.pass(.seconds(3))
        #expect(story.output == ["Error": "States.Timeout", "Cause": ""])
    }

    @Test func taskFailedCoversEveryFailureButATimeout() {
        #expect(ErrorName.taskFailed.covers(ErrorName("Boom"), isHeartbeat: false))
        #expect(!ErrorName.taskFailed.covers(.timeout, isHeartbeat: false))
        #expect(!ErrorName.all.covers(.dataLimitExceeded, isHeartbeat: false))
        #expect(ErrorName.dataLimitExceeded.covers(.dataLimitExceeded, isHeartbeat: false))
    }

    @Test func retriesBackOffUpToTheirLimitThenTheCatcherTakesTheError() throws {
        let fields: JSONObject = [
            "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Next": "B",
            "Retry": [
                ["ErrorEquals": ["Boom"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 3, "MaxDelaySeconds": 7],
            ],
            "Catch": [["ErrorEquals": ["Boom"], "Next": "B", "ResultPath": "$.error"]],
        ]
        var story = try Story(["StartAt": "A", "States": ["A": .object(fields), "B": ["Type": "Succeed"]]])
        story.start(["in": true])
        for (attempt, delay) in [(1, 2), (2, 6), (3, 7)] as [(Int64, Int)] {
            story.fail(attempt, "Boom", "c")
            #expect(story.turn.nextDue.engine == story.now.engine + .seconds(delay))
            story.pass(.seconds(delay))
            #expect(story.tasks.first?.retryCount == Int(attempt))
        }
        story.fail(4, "Boom", "c")
        #expect(story.output == ["in": true, "error": ["Error": "Boom", "Cause": "c"]])
    }

    @Test func fullJitterStaysWithinTheIntervalAndComesAgainTheSame() throws {
        let retry: JSONObject = [
            "Retry": [["ErrorEquals": ["States.ALL"], "IntervalSeconds": 100, "JitterStrategy": "FULL"]]
        ]
        func due() throws -> Timestamp? {
            var story = try Story(state: Self.task(Self.function, retry))
            story.start()
            story.fail(1, "Boom")
            #expect(story.turn.nextDue.engine.map { $0 <= story.now.engine + .seconds(100) } == true)
            return story.turn.nextDue.engine
        }
        #expect(try due() == due())
    }

    @Test func anActivityWaitsForAWorkerAndThenHasItsFullTime() throws {
        var story = try Story(state: [
            "Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:a", "TimeoutSeconds": 10,
            "HeartbeatSeconds": 5,
        ])
        story.start()
        #expect(story.tasks.first?.taskToken == "token-1")
        story.pass(.seconds(8))
        #expect(story.turn.outcome == nil)
        story.take(.taskStarted(EffectNumber(rawValue: 1), workerName: "w"))
        #expect(story.turn.nextDue.engine == story.now.engine + .seconds(5))
        story.pass(.seconds(5))
        #expect(story.types.suffix(3) == ["ActivityStarted", "ActivityTimedOut", "ExecutionFailed"])
    }

    @Test func anOutputOverTheLimitFailsTheTask() throws {
        var limits = InterpreterLimits()
        limits.payloadBytes = 100
        var story = try Story(state: Self.function, limits: limits)
        story.start()
        story.succeed(1, .text(String(repeating: "x", count: 100)))
        #expect(story.types.suffix(3) == ["LambdaFunctionStarted", "LambdaFunctionFailed", "ExecutionFailed"])
        guard case .failed(let error, let cause)? = story.turn.outcome else { return #expect(Bool(false)) }
        #expect(error == "States.DataLimitExceeded")
        #expect(cause == "The state/task 'arn:aws:lambda:us-east-1:000000000000:function:f' returned a result with "
            + "a size exceeding the maximum number of bytes service limit.")
    }

    @Test(arguments: [
        (TaskFailure.Kind.startFailed, ["TaskScheduled", "TaskStartFailed"]),
        (.submitFailed, ["TaskStarted", "TaskSubmitFailed"]),
        (.failed, ["TaskStarted", "TaskFailed"]),
        (.timedOut, ["TaskStarted", "TaskTimedOut"]),
    ])
    func eachKindOfFailureHasItsEvent(kind: TaskFailure.Kind, events: [String]) throws {
        var story = try Story(state: Self.callback)
        story.start()
        story.take(.taskFailed(EffectNumber(rawValue: 1), TaskFailure(kind: kind, error: "E", cause: "C")))
        #expect(story.types.suffix(3).dropLast() == events[...])
        #expect(story.turn.outcome == .failed(error: "E", cause: "C"))
    }
}
