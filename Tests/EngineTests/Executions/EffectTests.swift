import Engine
import JSONCore
import StatesInterpreter
import Store
import Synchronization
import TestSupport
import Testing
import TimeSource

@Suite("Effects") struct EffectTests {
    private let function = "arn:aws:lambda:us-east-1:000000000000:function:f"

    @Test(arguments: [EffectClass.deduplicated, .unrepeatable]) func aTaskGivesItsOutcomeToTheExecution(_ kind: EffectClass) async throws {
        let effects = ScriptedEffects(kind)
        try await EngineStory().life(effects) { life async throws in
            try await life.start(try await life.machine(Definitions.task), name: "a", input: #"{"x":1}"#)
            #expect(try await life.end(of: "a") == #"SUCCEEDED {"x":1}"#)
            #expect(effects.calls.count == 1)
            #expect(try await life.outbox() == [])
            let events = try await life.history("a").map(\.type)
            #expect(
                events == [
                    .executionStarted, .taskStateEntered, .lambdaFunctionScheduled, .lambdaFunctionStarted, .lambdaFunctionSucceeded,
                    .taskStateExited, .executionSucceeded,
                ])
        }
    }

    @Test func anUnrepeatableEffectIsMarkedAsStartedDurablyBeforeItIsPerformed() async throws {
        let story = try EngineStory()
        let seen = Mutex<[String]>([])
        let database = Mutex<FaultyDatabase?>(nil)
        let effects = ScriptedEffects(.unrepeatable) { call in
            let outbox = try? await database.withLock { $0 }?.read { transaction in
                try OutboxStore.executions(after: nil, limit: 9, in: transaction).flatMap { execution in
                    try OutboxStore.entries(of: execution, in: transaction).map { "\($0.key.effect) \($0.isStarted)" }
                }
            }
            seen.withLock { $0 += outbox ?? ["not read"] }
            return .succeeded(call.request.parameters.document)
        }
        try await story.life(effects) { life async throws in
            database.withLock { $0 = life.database }
            try await life.start(try await life.machine(Definitions.task), name: "a")
            _ = try await life.end(of: "a")
        }
        #expect(seen.withLock { $0 } == ["1 true"])
    }

    @Test func anUnrepeatableEffectIsNotPerformedWhileItsMarkIsNotStored() async throws {
        let effects = ScriptedEffects(.unrepeatable)
        try await EngineStory().life(effects) { life async throws in
            let machine = try await life.machine(Definitions.task)
            life.database.fail(.before(StoreError(.full)), on: "UPDATE outbox SET state = 'started'")
            try await life.start(machine, name: "a")
            for _ in 0..<30 {
                life.clock.advance(by: .milliseconds(500))
                await Task.yield()
            }
            #expect(effects.calls.isEmpty)
            #expect(try await life.outbox() == ["1 pending"])
            life.database.heal()
            #expect(try await life.end(of: "a", letsTimePass: true) == "SUCCEEDED {}")
            #expect(effects.calls.count == 1)
        }
    }

    @Test func aPendingEffectIsSentAfterACrash() async throws {
        for kind in [EffectClass.deduplicated, .unrepeatable] {
            let story = try EngineStory()
            let first = ScriptedEffects(kind)
            try await story.life(first) { life async throws in
                let machine = try await life.machine(Definitions.task)
                life.database.failOnce(.crashAfter, on: "INSERT INTO outbox")
                await #expect(throws: EngineError.self) { try await life.start(machine, name: "a") }
            }
            #expect(first.calls.isEmpty)
            let second = ScriptedEffects(kind)
            try await story.life(second) { life async throws in
                #expect(try await life.end(of: "a") == "SUCCEEDED {}")
                #expect(second.calls.count == 1)
            }
        }
    }

    @Test func aDeduplicatedEffectThatMayHaveLeftIsSentAgainUnderTheSameKey() async throws {
        let story = try EngineStory()
        let first = ScriptedEffects { _ in await ScriptedEffects.hang() }
        try await story.life(first) { life async throws in
            try await life.start(try await life.machine(Definitions.task), name: "a")
            try await life.eventually("the effect is under way") { first.calls.count == 1 }
        }
        let second = ScriptedEffects()
        try await story.life(second) { life async throws in
            #expect(try await life.end(of: "a") == "SUCCEEDED {}")
        }
        #expect(first.calls.map(\.dedupeKey) == second.calls.map(\.dedupeKey))
    }

    @Test func anUnrepeatableEffectThatMayHaveLeftIsNeverSentAgain() async throws {
        let story = try EngineStory()
        let first = ScriptedEffects(.unrepeatable) { _ in await ScriptedEffects.hang() }
        try await story.life(first) { life async throws in
            try await life.start(try await life.machine(Definitions.task), name: "a")
            try await life.eventually("the effect is under way") { first.calls.count == 1 }
        }
        let second = ScriptedEffects(.unrepeatable)
        try await story.life(second) { life async throws in
            #expect(try await life.end(of: "a").hasPrefix("FAILED Lambda.Unknown: "))
            #expect(second.calls.isEmpty)
            #expect(try await life.outbox() == [])
        }
    }

    @Test func theRetryOfTheDefinitionDecidesWhetherAnUnknownOutcomeIsTriedAgain() async throws {
        let definition = Definitions.task(#""Retry": [{"ErrorEquals": ["Lambda.Unknown"], "IntervalSeconds": 1}]"#)
        let story = try EngineStory()
        let first = ScriptedEffects(.unrepeatable) { _ in await ScriptedEffects.hang() }
        try await story.life(first) { life async throws in
            try await life.start(try await life.machine(definition), name: "a")
            try await life.eventually("the effect is under way") { first.calls.count == 1 }
        }
        let second = ScriptedEffects(.unrepeatable)
        try await story.life(second) { life async throws in
            #expect(try await life.end(of: "a", letsTimePass: true) == "SUCCEEDED {}")
            // Another attempt: another number, so another key.
            #expect(second.calls.map(\.request.effect.rawValue) == [2])
        }
    }

    @Test func anUnknownOutcomeOfAnotherServiceIsTaskFailed() async throws {
        let story = try EngineStory()
        let definition = Definitions.task(
            #""Parameters": {"TopicArn": "t", "Message": "m"}"#, resource: "arn:aws:states:::sns:publish")
        let first = ScriptedEffects(.unrepeatable) { _ in await ScriptedEffects.hang() }
        try await story.life(first) { life async throws in
            try await life.start(try await life.machine(definition), name: "a")
            try await life.eventually("the effect is under way") { first.calls.count == 1 }
        }
        try await story.life(ScriptedEffects(.unrepeatable)) { life async throws in
            #expect(try await life.end(of: "a").hasPrefix("FAILED States.TaskFailed: "))
        }
    }

    @Test func anOutcomeThatCouldNotBeStoredIsNotLost() async throws {
        let effects = ScriptedEffects(.unrepeatable)
        try await EngineStory().life(effects) { life async throws in
            let machine = try await life.machine(Definitions.task)
            life.database.fail(.before(StoreError(.full)), on: "DELETE FROM outbox")
            try await life.start(machine, name: "a")
            try await life.eventually("the effect is performed") { effects.calls.count == 1 }
            for _ in 0..<20 {
                life.clock.advance(by: .milliseconds(500))
                await Task.yield()
            }
            #expect(try await life.outcome("a") == "RUNNING")
            life.database.heal()
            #expect(try await life.end(of: "a", letsTimePass: true) == "SUCCEEDED {}")
            #expect(effects.calls.count == 1)
        }
    }

    @Test func anOutcomeThatWasStoredAndNotHeardIsNotTakenTwice() async throws {
        let story = try EngineStory()
        let first = ScriptedEffects(.unrepeatable)
        try await story.life(first) { life async throws in
            let machine = try await life.machine(Definitions.task)
            life.database.failOnce(.crashAfter, on: "DELETE FROM outbox")
            try await life.start(machine, name: "a")
            try await life.eventually("the outcome is stored") { life.database.isCut }
        }
        let second = ScriptedEffects(.unrepeatable)
        try await story.life(second) { life async throws in
            #expect(try await life.end(of: "a") == "SUCCEEDED {}")
            #expect(second.calls.isEmpty)
            #expect(try await life.history("a").filter { $0.type == .lambdaFunctionSucceeded }.count == 1)
        }
    }

    @Test func manyEffectsOfOneExecutionAllComeBack() async throws {
        let branches = (0..<40).map {
            #"{"StartAt": "T\#($0)", "States": {"T\#($0)": {"Type": "Task", "Resource": "\#(function)", "Parameters": {"n": \#($0)}, "End": true}}}"#
        }
        let definition =
            #"{"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [\#(branches.joined(separator: ","))], "End": true}}}"#
        let effects = ScriptedEffects(.unrepeatable)
        try await EngineStory().life(effects) { life async throws in
            try await life.start(try await life.machine(definition), name: "a")
            let expected = "SUCCEEDED [" + (0..<40).map { #"{"n":\#($0)}"# }.joined(separator: ",") + "]"
            #expect(try await life.end(of: "a") == expected)
            #expect(effects.calls.count == 40)
        }
    }

    @Test func aFailedBranchAbandonsTheEffectsOfItsSiblings() async throws {
        let definition = #"""
            {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
              {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "\#(function)", "Parameters": {"hang": true}, "End": true}}},
              {"StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "\#(function)", "Parameters": {"hang": false}, "End": true}}}
            ]}}}
            """#
        let effects = ScriptedEffects { call in
            guard call.request.parameters.value["hang"] == .bool(false) else { return await ScriptedEffects.hang() }
            return .failed(TaskFailure(error: "Boom", cause: nil))
        }
        try await EngineStory().life(effects) { life async throws in
            try await life.start(try await life.machine(definition), name: "a")
            #expect(try await life.end(of: "a") == "FAILED Boom")
            #expect(try await life.outbox() == [])
        }
    }

    @Test func tasksUnderWayKeepNobodyFromBeingRead() async throws {
        let story = try EngineStory()
        var configuration = EngineConfiguration()
        configuration.concurrentEffects = 2
        configuration.hotBytes = 0
        let effects = ScriptedEffects { _ in await ScriptedEffects.hang() }
        try await story.life(effects, configuration: configuration) { life async throws in
            let tasks = try await life.machine(Definitions.task, name: "tasks")
            for number in 0..<5 { try await life.start(tasks, name: "t\(number)") }
            try await life.start(try await life.machine(Definitions.wait, name: "wait"), name: "w")
            #expect(try await life.end(of: "w", machine: 2, letsTimePass: true) == "SUCCEEDED {}")
        }
    }
}
