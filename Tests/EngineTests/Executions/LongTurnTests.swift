import Engine
import StatesInterpreter
import Store
import TestSupport
import Testing
import TimeSource

@Suite("Long turns, many executions, long histories") struct LongTurnTests {
    /// A history is well formed: numbers without a gap, one terminal event at its end, and nothing entered that is not left.
    private func check(_ events: [HistoryEvent]) {
        #expect(events.map(\.id) == Array(1...Int64(events.count)))
        #expect(events.allSatisfy { $0.previousEventID < $0.id })
        #expect(events.dropLast().allSatisfy { $0.type != .executionSucceeded && $0.type != .executionFailed })
    }

    @Test func aLoopOfThousandsOfStatesEndsAsIfItWereOneTurn() async throws {
        try await EngineStory().life { life async throws in
            try await life.start(try await life.machine(Definitions.loop), name: "a")
            #expect(try await life.end(of: "a") == #"SUCCEEDED {"n":5000}"#)
            let events = try await life.history("a")
            check(events)
            #expect(events.filter { $0.type == .choiceStateEntered }.count == 5_000)
            #expect(try await life.timers() == [])
            let snapshots = try await life.database.read { try $0.rows("SELECT execution FROM snapshot").count }
            #expect(snapshots == 0)
        }
    }

    @Test func aLoopGoesOnAfterACrashInAnyOfItsTurns() async throws {
        for turn in [1, 2, 5, 9] {
            let story = try EngineStory()
            try await story.life { life async throws in
                let machine = try await life.machine(Definitions.loop)
                life.database.hold()
                async let started = life.start(machine, name: "a")
                for _ in 0..<turn {
                    try await life.eventually("a turn waits for its commit") { life.database.heldCount > 0 }
                    life.database.letThrough()
                }
                try await life.eventually("the next turn waits") { life.database.heldCount > 0 }
                #expect(try await life.timers().count == 1)
                life.database.cut()
                _ = try await started
            }
            try await story.life { life async throws in
                #expect(try await life.end(of: "a") == #"SUCCEEDED {"n":5000}"#)
                let events = try await life.history("a")
                check(events)
                #expect(events.filter { $0.type == .choiceStateEntered }.count == 5_000)
                #expect(try await life.timers() == [])
            }
        }
    }

    @Test func theLimitOfTheMachineSurvivesACrashWithinALongTurn() async throws {
        let definition = #"""
            {"StartAt": "Zero", "TimeoutSeconds": 600, "States": {
              "Zero": {"Type": "Pass", "Result": 0, "ResultPath": "$.n", "Next": "Add"},
              "Add": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Enough"},
              "Enough": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1500, "Next": "Hold"}], "Default": "Add"},
              "Hold": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": true}
            }}
            """#
        let effects = ScriptedEffects { _ in await ScriptedEffects.hang() }
        let story = try EngineStory()
        try await story.life(effects) { life async throws in
            let machine = try await life.machine(definition)
            life.database.hold()
            async let started = life.start(machine, name: "a")
            try await life.eventually("the first turn waits for its commit") { life.database.heldCount > 0 }
            life.database.letThrough()
            _ = try await started
            life.database.cut()
        }
        try await story.life(effects) { life async throws in
            #expect(try await life.end(of: "a", letsTimePass: true) == "TIMED_OUT")
        }
    }

    @Test func aLoopLetsOthersRunBetweenItsTurns() async throws {
        try await EngineStory().life { life async throws in
            let loop = try await life.machine(Definitions.loop, name: "loop")
            let pass = try await life.machine(Definitions.pass, name: "pass")
            life.database.hold()
            async let looping = life.start(loop, name: "l")
            try await life.eventually("the loop's first turn waits for its commit") { life.database.heldCount == 1 }
            async let passing = life.start(pass, name: "p")
            try await life.eventually("the other's only turn waits behind it") { life.database.heldCount == 2 }
            life.database.letThrough()
            _ = try await (looping, passing)
            #expect(try await life.outcome("l") == "RUNNING")
            #expect(try await life.outcome("p", machine: 2) == "SUCCEEDED {}")
            life.database.release()
            #expect(try await life.end(of: "l") == #"SUCCEEDED {"n":5000}"#)
        }
    }

    @Test func anOutcomeAndATimerThatComeWithinALongTurnDisturbNothing() async throws {
        let definition = #"""
            {"StartAt": "P", "TimeoutSeconds": 900, "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
              {"StartAt": "Zero", "States": {
                "Zero": {"Type": "Pass", "Result": 0, "ResultPath": "$.n", "Next": "Add"},
                "Add": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Enough"},
                "Enough": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 3000, "Next": "Done"}], "Default": "Add"},
                "Done": {"Type": "Succeed"}}},
              {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Next": "W"},
                "W": {"Type": "Wait", "Seconds": 1, "End": true}}}
            ]}}}
            """#
        for turn in 0..<6 {
            let story = try EngineStory()
            try await story.life(ScriptedEffects(.unrepeatable)) { life async throws in
                let machine = try await life.machine(definition)
                life.database.hold()
                async let started = life.start(machine, name: "a")
                for _ in 0...turn {
                    try await life.eventually("a turn waits for its commit") { life.database.heldCount > 0 }
                    life.database.letThrough()
                    life.clock.advance(by: .milliseconds(300))
                }
                life.database.cut()
                _ = try? await started
            }
            // The task may have been under way at the crash, and then fails the execution.
            try await story.life(ScriptedEffects(.unrepeatable)) { life async throws in
                let outcome = try await life.end(of: "a", letsTimePass: true)
                #expect(
                    outcome == #"SUCCEEDED [{"n":3000},{}]"# || outcome.hasPrefix("FAILED Lambda.Unknown"),
                    "crash in turn \(turn): \(outcome)")
                check(try await life.history("a"))
                #expect(try await life.timers() == [])
            }
        }
    }

    @Test func executionsThatWaitLeaveMemoryAndComeBack() async throws {
        var configuration = EngineConfiguration()
        configuration.hotBytes = 50_000
        try await EngineStory().life(configuration: configuration) { life async throws in
            let machine = try await life.machine(Definitions.wait)
            for number in 0..<200 { try await life.start(machine, name: "w\(number)", input: "\(number)") }
            for number in 0..<200 { #expect(try await life.end(of: "w\(number)", letsTimePass: true) == "SUCCEEDED \(number)") }
            #expect(try await life.timers() == [])
        }
    }

    @Test func manyExecutionsThatAreDueTogetherAreReadTogetherAndAllEnd() async throws {
        var configuration = EngineConfiguration()
        configuration.hotBytes = 50_000
        let story = try EngineStory()
        try await story.life { life async throws in
            let machine = try await life.machine(Definitions.wait)
            for number in 0..<1_500 { try await life.start(machine, name: "w\(number)") }
        }
        story.clock.advance(by: .seconds(60))
        try await story.life(configuration: configuration) { life async throws in
            for number in 0..<1_500 { #expect(try await life.end(of: "w\(number)") == "SUCCEEDED {}") }
            #expect(try await life.timers() == [])
        }
    }

    @Test func anExecutionThatCannotBeReadDisturbsNoneOfThoseReadWithIt() async throws {
        let story = try EngineStory()
        try await story.life { life async throws in
            let machine = try await life.machine(Definitions.wait)
            for name in ["a", "b", "c"] { try await life.start(machine, name: name) }
            let id = try #require(try await life.record("b")).id
            try await life.database.apply([
                Statement("UPDATE history_chunk SET body = ? WHERE execution = ?", [.blob([255, 1, 2]), .integer(id.value)])
            ])
        }
        story.clock.advance(by: .seconds(60))
        try await story.life { life async throws in
            for name in ["a", "c"] { #expect(try await life.end(of: name) == "SUCCEEDED {}") }
            #expect(try await life.record("b")?.status == .running)
        }
    }

    @Test func aLargeStateIsSnapshotAndReadBackAfterManyTurns() async throws {
        // Each round waits, so each is a turn of its own; the state grows to 100 KB and is never changed again.
        let text = String(repeating: "x", count: 100_000)
        let definition = #"""
            {"StartAt": "Add", "States": {
              "Add": {"Type": "Pass", "Parameters": {"text.$": "$.text", "n.$": "States.MathAdd($.n, 1)"}, "Next": "Wait"},
              "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Enough"},
              "Enough": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 12, "Next": "Done"}], "Default": "Add"},
              "Done": {"Type": "Pass", "OutputPath": "$.n", "End": true}
            }}
            """#
        let story = try EngineStory()
        for life in 0..<4 {
            try await story.life { server async throws in
                if life == 0 {
                    try await server.start(try await server.machine(definition), name: "a", input: #"{"n": 0, "text": "\#(text)"}"#)
                }
                try await server.eventually("three more rounds", letsTimePass: true) {
                    try await server.history("a").filter { $0.type == .waitStateExited }.count >= (life + 1) * 3
                }
            }
        }
        try await story.life { life async throws in
            #expect(try await life.end(of: "a", letsTimePass: true) == "SUCCEEDED 12")
            check(try await life.history("a"))
        }
    }
}
