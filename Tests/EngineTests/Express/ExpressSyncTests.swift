import Engine
import JSONCore
import StatesInterpreter
import Store
import Synchronization
import TestSupport
import Testing
import TimeSource

@Suite("Synchronous Express executions") struct ExpressSyncTests {
    private static let parallel = #"""
        {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
          {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": true}}},
          {"StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": 2, "End": true}}}]}}}
        """#
    private static let map = #"""
        {"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 2, "End": true, "ItemProcessor": {
          "StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": true}}}}}}
        """#
    private static let failure =
        #"{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Bad", "Cause": "because"}}}"#

    @Test(arguments: [
        (Definitions.pass, #"{"x": 1}"#, #"SUCCEEDED {"x": 1}"#),
        (failure, "{}", "FAILED Bad: because"),
        (Definitions.task, #"{"x":1}"#, #"SUCCEEDED {"x":1}"#),
        (map, "[1,2,3]", "SUCCEEDED [1,2,3]"),
        // Longer than the turn on its caller's thread, and than a few of a lane's.
        (Definitions.loop, "{}", #"SUCCEEDED {"n":5000}"#),
    ])
    func anExecutionAnswersItsOutcome(_ definition: String, _ input: String, _ outcome: String) async throws {
        try await ExpressStory().life { life async throws in
            #expect(try await life.runSync(try await life.machine(definition), input: input) == outcome)
            #expect(try await life.starts() == [])
        }
    }

    @Test func anExecutionHasAnARNOfItsOwnThoughItsNameIsTaken() async throws {
        try await ExpressStory().life { life async throws in
            let machine = try await life.machine(Definitions.pass)
            let first = try await life.result(machine, name: "n")
            let second = try await life.result(machine, name: "n")
            #expect(first.name == "n")
            #expect(first.arn.hasPrefix("arn:aws:states:us-east-1:000000000000:express:m:n:"))
            #expect(first.arn.split(separator: ":").last?.count == 36)
            #expect(first.arn != second.arn)
            let unnamed = try await life.result(machine)
            #expect(unnamed.name.count == 36)
            #expect(unnamed.arn.split(separator: ":").suffix(2).first.map(String.init) == unnamed.name)
            #expect(!unnamed.arn.hasSuffix(unnamed.name))
        }
    }

    @Test func aWaitIsOverWhenItsTimeHasCome() async throws {
        try await ExpressStory().life { life async throws in
            let machine = try await life.machine(Definitions.wait(seconds: 7))
            let ended = try await life.waiting { try await life.result(machine) }
            #expect(ended.elapsed >= .seconds(7))
            #expect(ended.stoppedAt - ended.startedAt >= .seconds(7))
        }
    }

    @Test func branchesWaitForATaskAndForTimeSideBySide() async throws {
        try await ExpressStory().life { life async throws in
            let machine = try await life.machine(ExpressSyncTests.parallel)
            #expect(try await outcome(life, machine, input: #"{"a":1}"#) == #"SUCCEEDED [{"a":1},{"a":1}]"#)
        }
    }

    @Test(arguments: [
        (Definitions.wait(seconds: 3_000), "TIMED_OUT"),
        (#"{"TimeoutSeconds": 4000, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3000, "End": true}}}"#, "TIMED_OUT"),
        (Definitions.task(#""TimeoutSeconds": 5"#), "FAILED States.Timeout"),
    ])
    func whatTakesTooLongTimesOut(_ definition: String, _ expected: String) async throws {
        let effects = ScriptedEffects { _ in await ScriptedEffects.hang() }
        try await ExpressStory().life(effects, configuration: ExpressConfiguration()) { life async throws in
            #expect(try await outcome(life, try await life.machine(definition)) == expected)
        }
    }

    @Test func aFailedTaskIsTriedAgainAsItsRetrierSays() async throws {
        let attempts = Mutex(0)
        let effects = ScriptedEffects { call in
            let attempt = attempts.withLock { $0 += 1; return $0 }
            return attempt < 3
                ? .failed(TaskFailure(error: "Lambda.Unknown", cause: nil)) : .succeeded(call.request.parameters.document)
        }
        let retry = #""Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 5}]"#
        try await ExpressStory().life(effects) { life async throws in
            #expect(try await outcome(life, try await life.machine(Definitions.task(retry))) == "SUCCEEDED {}")
            #expect(Set(effects.calls.map(\.dedupeKey)).count == 3)
        }
    }

    @Test func whoeverWaitsAtTheServersEndIsToldAndNothingRunsAgain() async throws {
        let story = try ExpressStory()
        let effects = ScriptedEffects { _ in await ScriptedEffects.hang() }
        let told = try await story.life(effects, ending: .shutdown) { life async throws in
            let machine = try await life.machine(Definitions.task)
            let caller = Task { () async -> EngineError? in
                do {
                    _ = try await life.result(machine)
                    return nil
                } catch {
                    return error as? EngineError
                }
            }
            try await life.eventually("the task runs") { effects.calls.count == 1 }
            return caller
        }
        #expect(await told.value == .shuttingDown)
        let later = ScriptedEffects()
        try await story.life(later) { life async throws in
            _ = try await life.runSync(try await life.machine(Definitions.pass, name: "other"))
            #expect(later.calls.isEmpty)
        }
    }

    @Test func theDrainWaitsForThoseUnderWayAndBeginsNoMore() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let effects = ScriptedEffects { call in
            for await _ in gate {}
            return .succeeded(call.request.parameters.document)
        }
        try await ExpressStory().life(effects) { life async throws in
            let machine = try await life.machine(Definitions.task)
            async let outcome = life.runSync(machine)
            try await life.eventually("the task runs") { effects.calls.count == 1 }
            let drained = Task { await life.engine.drain(limit: .seconds(3_600)) }
            try await life.eventually("new ones are refused", letsTimePass: true) {
                do {
                    _ = try await life.runSync(try await life.machine(Definitions.pass, name: "p"))
                    return false
                } catch EngineError.shuttingDown {
                    return true
                }
            }
            open.finish()
            #expect(try await outcome == "SUCCEEDED {}")
            try await life.waiting { await drained.value }
        }
    }

    private func outcome(_ life: ExpressLife, _ machine: CompiledStateMachine, input: String = "{}") async throws -> String {
        try await life.waiting { try await life.runSync(machine, input: input) }
    }
}
